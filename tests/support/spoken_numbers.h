#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace antiphon::test {

using Words = std::vector<std::string>;
// A stretch of a written text and each way in which it is usually said, in lower-case words.
using Readings = std::vector<Words>;

// The words of a text between any of the separators.
Words words_of(std::string_view text, std::string_view separators = " ");

// Each usual reading of a word with digits: "1,482", "3.14", "-12", "21st", "1990s", "7:05", "3/4",
// "212-555-0187", "$12.50", "1985", "45". Empty if it is of no such form.
//   behind_month: "3" may be "third".  scale: "million" if that is the next word; it belongs to "$1.2".
Readings number_readings(std::string_view word, bool behind_month, std::string_view scale);

}  // namespace antiphon::test
