// Whole numbers as English words, the American way (no "and"): 342 -> "three hundred forty-two". Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace antiphon::models::text {

inline constexpr std::uint64_t kNumberMax = 999'999'999'999'999'999;  // the largest that these functions read

// REQUIRES (all three): number <= kNumberMax.
std::string cardinal_words(std::uint64_t number);
std::string ordinal_words(std::uint64_t number);  // "twenty-third", "one hundred first"
std::string year_words(
    std::uint64_t number);  // 1905 "nineteen oh-five", 2010 "twenty ten", 2005 as a cardinal

// Each digit for itself: "zero one four two". Bytes that are no digits are left out.
std::string digit_words(std::string_view digits);

}  // namespace antiphon::models::text
