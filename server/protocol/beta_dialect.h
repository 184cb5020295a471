// The protocol as it was before August 2025, which some clients still speak: events and objects of the
// current one in its words, and how to know it. Pure.
#pragma once

#include <boost/json.hpp>

#include <string_view>

#include "server/protocol/fields.h"

namespace antiphon::server::protocol {

// Whether only a client of the beta would send this: a session.update with a flat session.
bool speaks_beta(const Fields& event);

// Changes an event of the current protocol. False: the beta has none for this.
[[nodiscard]] bool to_beta(boost::json::object& event);

// Of session_json().
boost::json::object beta_session(const boost::json::object& session);

inline constexpr std::string_view kBetaAudioDelta = "response.audio.delta";

}  // namespace antiphon::server::protocol
