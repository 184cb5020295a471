// Names of programs and formats that neither their letters nor the lexicon say as people do.
#include <algorithm>
#include <string>
#include <utility>

#include "models/text/g2p/normaliser.h"

namespace antiphon::models::text {
namespace {

constexpr std::pair<std::string_view, std::string_view> kSaidAs[] = {{"JSON", "Jason"},
                                                                     {"YAML", "yammel"},
                                                                     {"nginx", "engine X"},
                                                                     {"Nginx", "engine X"},
                                                                     {"PostgreSQL", "post gress Q L"},
                                                                     {"MySQL", "my sequel"},
                                                                     {"SQLite", "sequel light"},
                                                                     {"JPEG", "jay peg"},
                                                                     {"GUI", "gooey"},
                                                                     {"SaaS", "sass"},
                                                                     {"Ctrl", "control"},
                                                                     {"OAuth", "oh auth"},
                                                                     {"macOS", "mac O S"},
                                                                     {"iOS", "I O S"},
                                                                     {"kubectl", "kube control"},
                                                                     {"WebSocket", "web socket"},
                                                                     {"WebSockets", "web sockets"},
                                                                     {"ChatGPT", "chat G P T"},
                                                                     {"YouTube", "you tube"},
                                                                     {"README", "read me"}};

}  // namespace

void append_respelling_rules(std::vector<RewriteRule>& rules) {
  std::vector<std::string> words;
  for (const auto& [written, said] : kSaidAs) words.emplace_back(written);
  rules.push_back({Pattern(R"((?<![\w@./\-])()" + any_of(words) + R"()(?![\w@]))"),
                   [](const PatternMatch& m) -> std::optional<std::string> {
                     const auto* found = std::ranges::find(kSaidAs, m.group(1),
                                                           [](const auto& entry) { return entry.first; });
                     return std::string(found->second);
                   }});
}

}  // namespace antiphon::models::text
