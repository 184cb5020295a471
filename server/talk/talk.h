#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "server/client/client_socket.h"
#include "server/client/client_wire.h"
#include "server/talk/caption_printer.h"
#include "server/talk/loudspeaker.h"
#include "server/talk/recorded_microphone.h"
#include "server/talk/recorded_turns.h"
#include "server/talk/reply_playout.h"
#include "server/talk/talk_conversation.h"

namespace antiphon::server {

// What the server is told; empty: it keeps its own.
struct TalkSession {
  std::string instructions;
  std::string voice;
  std::string eagerness = "medium";  // of semantic_vad: low, medium, high, auto
};
// As a session.update.
std::string session_update(const TalkSession& session);

// One conversation with a server from a terminal: microphone, loudspeaker, connection and captions, put
// together.
//
// Owner: one thread, which run() keeps until it is over.
class Talk {
 public:
  enum class End : std::uint8_t {
    kAllSpoken,   // every recording, and answered
    kStopped,     // by stop_wanted
    kLost,        // the connection
    kUnanswered,  // the last recording
  };
  struct Parts {
    Microphone* microphone = nullptr;
    RecordedMicrophone* recordings = nullptr;  // the same one, if it speaks recordings; or null
    Loudspeaker* loudspeaker = nullptr;
    CaptionPrinter* captions = nullptr;
    std::function<int()> terminal_columns;
  };

  // `parts` outlive it. Throws std::runtime_error if the access can't be used.
  Talk(const ClientAccess& access, const TalkSession& session, const Parts& parts);

  // Throws NotLetIn, or std::runtime_error if the server talks nonsense. SIGINT and SIGTERM end it while it
  // runs.
  End run();
  // Why the connection ended, as the end of a sentence.
  std::string why_lost() const { return socket_.why_ended(); }

  const TalkConversation& conversation() const { return conversation_; }
  int underruns() const { return playout_.underruns(); }

 private:
  asio::awaitable<void> converse();
  asio::awaitable<void> be_admitted();
  asio::awaitable<void> listen();
  asio::awaitable<void> pace();
  asio::awaitable<void> speak();
  void on_event(const boost::json::object& event);
  void on_audio(const boost::json::object& event);
  void on_error(const boost::json::object& event);
  void interrupt();
  void play(pipeline::Time now);
  void decide(pipeline::Time now);
  void show(pipeline::Time now, bool at_once);
  std::string state_line() const;
  bool busy() const;
  std::optional<pipeline::Time> speech_time(double audio_ms) const;

  const TalkSession session_;
  const Parts parts_;
  asio::io_context io_{1};
  asio::signal_set signals_{io_};
  ClientSocket socket_;
  std::optional<ClientWire> wire_;
  TalkConversation conversation_;
  ReplyPlayout playout_;
  RecordedTurns turns_;
  std::deque<std::string> outgoing_;   // events that wait for the next round; a few for each interruption
  std::deque<pipeline::Time> spoken_;  // when the last frames' last samples were
  std::int64_t frames_sent_ = 0;       // the last of them is spoken_'s last
  std::set<std::string> silenced_;     // responses that were interrupted; late sound of them is dropped
  float level_ = 0;                    // of the microphone's last frame
  pipeline::Time shown_at_;
  bool configured_ = false;  // the server has taken the session, or said why not
  bool ended_ = false;       // the connection
  std::optional<End> end_;
};

}  // namespace antiphon::server
