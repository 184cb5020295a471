// The one place that includes Boost.Asio and Beast, and our short names for them.
#pragma once

#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

namespace antiphon::server {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using tcp = boost::asio::ip::tcp;

// A coroutine on an I/O thread; results come back as (error, value), never as an exception.
inline constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

// For a timer that ends only when it is set anew or cancelled.
inline constexpr auto kNever = asio::steady_timer::time_point::max();

}  // namespace antiphon::server
