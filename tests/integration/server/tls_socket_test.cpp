// The same server behind TLS, with a certificate made for the test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "server/net/tls_context.h"
#include "tests/integration/server/running_server.h"
#include "tests/integration/server/self_signed.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::server {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class TlsSocket : public ::testing::Test {
 protected:
  const test::TemporaryFolder folder_;
  const SelfSigned files_{folder_.path()};
};

using TlsStream = beast::ssl_stream<tcp::socket>;

// Trusts the test's certificate and nothing else.
struct TlsClient {
  TlsClient(const SelfSigned& files, std::uint16_t port) {
    context.load_verify_file(files.certificate.string());
    context.set_verify_mode(asio::ssl::verify_peer);
    stream.emplace(io, context);
    beast::get_lowest_layer(*stream).connect({asio::ip::make_address("127.0.0.1"), port});
    stream->handshake(asio::ssl::stream_base::client);
  }
  asio::io_context io;
  asio::ssl::context context{asio::ssl::context::tls_client};
  std::optional<TlsStream> stream;
};

TEST_F(TlsSocket, AnswersHttpRequests) {
  RunningServer running(files_.config());
  TlsClient client(files_, running.server.port());
  const std::string request = "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  asio::write(*client.stream, asio::buffer(request));
  std::string answer;
  beast::error_code error;
  asio::read(*client.stream, asio::dynamic_buffer(answer), error);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(error, asio::error::eof) << "the server says that nothing follows";
}

TEST_F(TlsSocket, CarriesASessionAndItsClose) {
  RunningServer running(files_.config());
  TlsClient client(files_, running.server.port());
  websocket::stream<TlsStream&> socket(*client.stream);
  socket.handshake("127.0.0.1", "/v1/realtime");
  beast::flat_buffer buffer;
  socket.read(buffer);
  EXPECT_THAT(beast::buffers_to_string(buffer.data()), HasSubstr("session.created"));
  const std::string large(3'000'000, 'A');
  socket.write(asio::buffer(R"({"type":"input_audio_buffer.append","audio":")" + large + "\"}"));
  buffer.clear();
  socket.read(buffer);
  EXPECT_THAT(beast::buffers_to_string(buffer.data()).substr(0, 200), HasSubstr("output_audio.delta"));
  EXPECT_GT(buffer.size(), large.size());
  socket.close(websocket::close_code::normal);
  EXPECT_TRUE(eventually([&] { return running.door.sessions_open == 0; }));
}

TEST_F(TlsSocket, ClosesWhoSpeaksNoTls) {
  RunningServer running(files_.config());
  asio::io_context io;
  tcp::socket socket(io);
  socket.connect({asio::ip::make_address("127.0.0.1"), running.server.port()});
  asio::write(socket, asio::buffer(std::string("GET /livez HTTP/1.1\r\n\r\n")));
  std::string answer;
  beast::error_code error;
  asio::read(socket, asio::dynamic_buffer(answer), error);
  EXPECT_EQ(answer.find("HTTP/1.1"), std::string::npos);
}

TEST_F(TlsSocket, NamesTheFileThatIsWrong) {
  const auto fault = [](const NetConfig& config) -> std::string {
    try {
      make_tls_context(config);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(fault(files_.config()), "");
  NetConfig config = files_.config();
  config.tls_key_file = "no/such/key.pem";
  EXPECT_THAT(fault(config), HasSubstr("server.tls_key_file = \"no/such/key.pem\""));
  config = files_.config();
  config.tls_certificate_file = files_.key.string();
  EXPECT_THAT(fault(config), HasSubstr("server.tls_certificate_file"));
  const test::TemporaryFolder other;
  config = files_.config();
  config.tls_key_file = SelfSigned(other.path()).key.string();
  EXPECT_THAT(fault(config), HasSubstr("server.tls_key_file"));
}

}  // namespace
}  // namespace antiphon::server
