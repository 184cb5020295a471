// The boundary between a connection (server/) and its session (pipeline/). Each side holds a handle to the
// other; the death of a handle is how one side learns that the other is gone.
//
//   connection --- SessionPort::submit(ClientEvent) ---> session      an I/O thread calls
//   connection <-- EventSink::deliver(ServerEvent) ----- session      the session's media worker calls
//
//   client gone:   the connection destroys its SessionPort; the session cancels its work, then destroys its
//                  EventSink. deliver() in between is allowed and does nothing.
//   session ends:  the session calls EventSink::end() and destroys the sink; the connection sends what it has
//                  and closes. submit() in between is allowed and does nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "context_store/path.h"
#include "pipeline/client_event.h"
#include "pipeline/server_event.h"

namespace antiphon::pipeline {

// Why a session ended by itself; the connection's close code follows from it.
enum class SessionEnd : std::uint8_t {
  kExpired,   // the longest session time is over (an error event went before)
  kShed,      // overload: the client may try again later
  kDrained,   // the server is going down
  kInternal,  // the session can't go on (a network failed)
};

// The session's way to its client.
//
// Owner:    the session; all calls from one thread at a time, the session's media worker. Destroyed there,
//           when the session has ended and nothing of it will be delivered any more.
// Time:     never blocks, never waits for a socket.
// Memory:   deliver() and audio_buffer() do not allocate.
// Overload: bounded. A refused event means that the client reads too slowly: the connection closes by itself
//           (a policy close), the session only counts it and waits for the death of its port.
class EventSink {
 public:
  virtual ~EventSink() = default;

  // False: refused, and `event` is as before. Order is kept.
  [[nodiscard]] virtual bool deliver(ServerEvent&& event) = 0;

  // An empty buffer with room for a frame of any format, most often one that a delivered delta has given
  // back.
  virtual AudioBytes audio_buffer() = 0;

  // The last call: after what was delivered, the connection closes with the code of this end.
  virtual void end(SessionEnd reason) = 0;
};

// The connection's way to its session.
//
// Owner: the connection; all calls from its I/O thread. Its destructor tells the session that the client is
//        gone, and does not wait for the session's end.
// Time:  never blocks.
class SessionPort {
 public:
  virtual ~SessionPort() = default;

  // False: the session's inbox is full, and `event` is as before. The connection offers it again a little
  // later and reads nothing meanwhile, so that a client that sends too fast slows down. Order is kept.
  [[nodiscard]] virtual bool submit(ClientEvent&& event) = 0;
};

// What is known of a client when it asks for a session.
struct SessionRequest {
  SessionType type = SessionType::kRealtime;                   // from the address: ?intent=transcription
  std::string model;                                           // from the address: any name, or ""
  SessionUpdate settings = {};                                 // that the session begins with
  bool turn_traces = false;                                    // from the address: wants TurnTraced events
  std::optional<context_store::UserPath> user = std::nullopt;  // whose talk it is, to be remembered
};

struct SessionRefusal {
  enum class Reason : std::uint8_t { kNotReady, kOverloaded, kDraining };
  Reason reason = Reason::kOverloaded;
  std::string message;  // one sentence for the client
};

// Where connections get their sessions: admission control. Every open session holds a permit until its
// EventSink is destroyed.
//
// Owner: calls from any I/O thread.
// Time:  decides at once; never waits for a model.
class SessionDoor {
 public:
  virtual ~SessionDoor() = default;

  // The session delivers session.created first, before it looks at any client event. A refusal has destroyed
  // `sink`.
  using Opening = std::variant<std::unique_ptr<SessionPort>, SessionRefusal>;
  [[nodiscard]] virtual Opening open(const SessionRequest& request, std::unique_ptr<EventSink> sink) = 0;

  // What is still missing before open() can succeed ("networks are warming up"); empty: ready.
  virtual std::vector<std::string> missing() const = 0;

  // From now on open() refuses with kDraining, and sessions end at the end of their turns, with kDrained.
  virtual void drain() = 0;
};

}  // namespace antiphon::pipeline
