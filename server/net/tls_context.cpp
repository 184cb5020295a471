#include "server/net/tls_context.h"

#include <stdexcept>
#include <string>

namespace antiphon::server {
namespace {

[[noreturn]] void refuse(const std::string& key, const std::string& file, const std::string& why) {
  throw std::runtime_error("Config: server." + key + " = \"" + file + "\": " + why + ".");
}

}  // namespace

std::optional<asio::ssl::context> make_tls_context(const NetConfig& config) {
  if (config.tls_certificate_file.empty()) return std::nullopt;
  asio::ssl::context context(asio::ssl::context::tls_server);
  context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                      asio::ssl::context::no_tlsv1_1);
  beast::error_code error;
  static_cast<void>(context.use_certificate_chain_file(config.tls_certificate_file, error));
  if (error) refuse("tls_certificate_file", config.tls_certificate_file, error.message());
  static_cast<void>(context.use_private_key_file(config.tls_key_file, asio::ssl::context::pem, error));
  if (error) refuse("tls_key_file", config.tls_key_file, error.message());
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
    refuse("tls_key_file", config.tls_key_file, "does not belong to the certificate");
  }
  return context;
}

}  // namespace antiphon::server
