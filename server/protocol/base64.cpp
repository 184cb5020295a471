#include "server/protocol/base64.h"

#include <openssl/evp.h>

#include <cassert>
#include <cctype>

namespace antiphon::server::protocol {
namespace {

// EVP_DecodeBlock drops white space and a '-' at the ends, and takes '=' anywhere for a zero.
bool is_digit(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/';
}

std::size_t padding(std::string_view text) {
  const std::size_t first = text.find('=');
  return first == std::string_view::npos ? 0 : text.size() - first;
}

}  // namespace

std::optional<std::vector<std::byte>> base64_decoded(std::string_view text) {
  if (text.empty()) return std::vector<std::byte>();
  const std::size_t pad = padding(text);
  if (text.size() % 4 != 0 || pad > 2 || !is_digit(text.front())) return std::nullopt;
  if (!is_digit(text[text.size() - pad - 1]) || (pad == 2 && text.back() != '=')) return std::nullopt;
  std::vector<std::byte> bytes(text.size() / 4 * 3);
  const int decoded =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (decoded < 0 || static_cast<std::size_t>(decoded) != bytes.size()) return std::nullopt;
  bytes.resize(bytes.size() - pad);
  return bytes;
}

void append_base64(std::string& text, std::span<const std::byte> bytes) {
  const std::size_t begin = text.size();
  const std::size_t length = (bytes.size() + 2) / 3 * 4;
  text.resize(begin + length + 1);  // and the zero that EVP_EncodeBlock writes at the end
  const int written =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data() + begin),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  assert(static_cast<std::size_t>(written) == length);
  text.resize(begin + static_cast<std::size_t>(written));
}

}  // namespace antiphon::server::protocol
