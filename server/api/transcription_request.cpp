#include "server/api/transcription_request.h"

#include <boost/json.hpp>

#include <array>
#include <cmath>
#include <sstream>
#include <utility>

#include "server/api/multipart.h"
#include "server/console/transcript_printer.h"

namespace antiphon::server {
namespace {
namespace json = boost::json;

struct FormatName {
  std::string_view name;
  TranscriptionFormat format;
};
constexpr std::array<FormatName, 5> kFormats = {{{"json", TranscriptionFormat::kJson},
                                                 {"text", TranscriptionFormat::kText},
                                                 {"verbose_json", TranscriptionFormat::kVerboseJson},
                                                 {"srt", TranscriptionFormat::kSrt},
                                                 {"vtt", TranscriptionFormat::kVtt}}};

HttpFault wrong(std::string param, std::string message) {
  return {400, "invalid_value", std::move(message), std::move(param)};
}

HttpFault missing(std::string param) {
  std::string message = "'" + param + "' is missing from the form.";
  return {400, "missing_required_parameter", std::move(message), std::move(param)};
}

json::array segments_json(std::span<const pipeline::RecordedSpeech> speech) {
  json::array segments;
  for (std::size_t i = 0; i < speech.size(); ++i) {
    const models::Transcript& transcript = speech[i].transcript;
    segments.push_back({{"id", i},
                        {"seek", 0},
                        {"start", speech[i].begin_seconds},
                        {"end", speech[i].end_seconds},
                        {"text", transcript.text},
                        {"tokens", json::array(transcript.tokens.begin(), transcript.tokens.end())},
                        {"temperature", 0.0},
                        {"avg_logprob", transcript.mean_log_probability()},
                        {"compression_ratio", 1.0},
                        {"no_speech_prob", 0.0}});
  }
  return segments;
}

json::array words_json(std::span<const pipeline::RecordedSpeech> speech) {
  json::array words;
  for (const pipeline::RecordedSpeech& stretch : speech) {
    for (const models::TranscribedWord& word : stretch.transcript.words) {
      words.push_back({{"word", word.text}, {"start", word.start_seconds}, {"end", word.end_seconds}});
    }
  }
  return words;
}

json::object usage_json(double seconds) {
  return {{"type", "duration"}, {"seconds", std::llround(std::ceil(seconds))}};
}

std::string subtitles(TranscriptFormat format, std::span<const pipeline::RecordedSpeech> speech,
                      double seconds) {
  std::ostringstream text;
  const auto printer = make_transcript_printer({.format = format}, text);
  printer->begin("");
  for (const pipeline::RecordedSpeech& stretch : speech) printer->add(stretch);
  printer->end(seconds);
  return text.str();
}

std::string verbose_json(const TranscriptionRequest& request,
                         std::span<const pipeline::RecordedSpeech> speech, double seconds) {
  json::object body = {{"task", "transcribe"},
                       {"language", "english"},
                       {"duration", seconds},
                       {"text", whole_text(speech)},
                       {"usage", usage_json(seconds)}};
  if (request.segments) body["segments"] = segments_json(speech);
  if (request.words) body["words"] = words_json(speech);
  return json::serialize(body);
}

std::optional<HttpFault> read_granularities(const std::vector<FormPart>& parts,
                                            TranscriptionRequest& request) {
  bool given = false;
  for (const FormPart& part : parts) {
    if (part.name != "timestamp_granularities[]" && part.name != "timestamp_granularities") continue;
    if (part.content != "word" && part.content != "segment") {
      return wrong("timestamp_granularities", "'timestamp_granularities' must be word or segment.");
    }
    if (!std::exchange(given, true)) request.segments = false;
    request.words = request.words || part.content == "word";
    request.segments = request.segments || part.content == "segment";
  }
  return std::nullopt;
}

}  // namespace

std::variant<TranscriptionRequest, HttpFault> transcription_request(std::string_view content_type,
                                                                    std::string_view body) {
  const auto boundary = form_boundary(content_type);
  if (!boundary) return wrong("", "The body must be multipart/form-data.");
  const auto form = form_parts(body, *boundary);
  if (const auto* fault = std::get_if<FormFault>(&form)) return wrong("", fault->why);
  const auto& parts = std::get<std::vector<FormPart>>(form);
  TranscriptionRequest request;
  const auto file = form_value(parts, "file");
  if (!file) return missing("file");
  request.file = *file;
  if (!form_value(parts, "model")) return missing("model");
  if (const auto name = form_value(parts, "response_format")) {
    const auto* known = std::ranges::find(kFormats, *name, &FormatName::name);
    if (known == kFormats.end()) {
      return wrong("response_format", "'response_format' must be json, text, verbose_json, srt or vtt.");
    }
    request.format = known->format;
  }
  if (const auto language = form_value(parts, "language");
      language && *language != "en" && !language->empty()) {
    return wrong("language", "'language' must be en: the recogniser knows English only.");
  }
  if (auto fault = read_granularities(parts, request)) return *std::move(fault);
  const auto stream = form_value(parts, "stream");
  request.stream = stream && (*stream == "true" || *stream == "True" || *stream == "1");
  const bool plain =
      request.format == TranscriptionFormat::kJson || request.format == TranscriptionFormat::kText;
  if (request.stream && !plain)
    return wrong("stream", "'stream' goes with response_format json or text only.");
  return request;
}

TranscriptionAnswer transcription_answer(const TranscriptionRequest& request,
                                         std::span<const pipeline::RecordedSpeech> speech, double seconds) {
  switch (request.format) {
    case TranscriptionFormat::kJson:
      return {"application/json",
              json::serialize(json::object{{"text", whole_text(speech)}, {"usage", usage_json(seconds)}})};
    case TranscriptionFormat::kText:
      return {"text/plain; charset=utf-8", whole_text(speech) + "\n"};
    case TranscriptionFormat::kVerboseJson:
      return {"application/json", verbose_json(request, speech, seconds)};
    case TranscriptionFormat::kSrt:
      return {"application/x-subrip; charset=utf-8", subtitles(TranscriptFormat::kSrt, speech, seconds)};
    case TranscriptionFormat::kVtt:
      return {"text/vtt; charset=utf-8", subtitles(TranscriptFormat::kVtt, speech, seconds)};
  }
  return {};
}

std::string whole_text(std::span<const pipeline::RecordedSpeech> speech) {
  std::string text;
  for (const pipeline::RecordedSpeech& stretch : speech) {
    text += (text.empty() ? "" : " ") + stretch.transcript.text;
  }
  return text;
}

bool needs_words(const TranscriptionRequest& request) {
  return request.words || request.format == TranscriptionFormat::kSrt ||
         request.format == TranscriptionFormat::kVtt;
}

std::string transcript_delta_event(std::string_view delta) {
  return json::serialize(json::object{{"type", "transcript.text.delta"}, {"delta", delta}});
}

std::string transcript_done_event(std::string_view text, double seconds) {
  return json::serialize(
      json::object{{"type", "transcript.text.done"}, {"text", text}, {"usage", usage_json(seconds)}});
}

}  // namespace antiphon::server
