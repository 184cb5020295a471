// Who says what: each session's user has words that no other one says.
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "audio/sample_format.h"
#include "tests/bench/voice/utterance.h"
#include "tests/load/server_calls.h"

namespace antiphon::load {

// The part of one user.
//
// Owner: any thread; immutable once made.
struct SpokenPart {
  std::vector<bench::Utterance> utterances;
  std::vector<std::string> bytes;  // of each utterance, in the format of the wire
  std::set<std::string> words;     // that its transcripts should hold
};

struct SpokenParts {
  std::vector<std::shared_ptr<const SpokenPart>> parts;
  std::set<std::string> all_words;  // of all parts
  bool replies_echo = false;        // the server's replies hold only words of their session
};

// Lower-case words of a text.
std::vector<std::string> plain_words(std::string_view text);

// Sentences with keywords of their own for each user, spoken by the server's own voice (/v1/audio/speech).
// `fake`: words of the spoken code.  Throws std::runtime_error.
SpokenParts spoken_by_server(const ServerAddress& server, int users, bool fake, audio::SampleFormat format);

// Recordings (WAV, 16 kHz, mono), dealt out to the users in turn; there are no keywords then.
SpokenParts spoken_in_recordings(const std::filesystem::path& folder, int users, audio::SampleFormat format);

}  // namespace antiphon::load
