#pragma once

#include <vector>

#include "models/text/g2p/normalise_tables.h"
#include "models/text/g2p/rewrite_rule.h"
#include "models/text/mapped_text.h"

namespace antiphon::models::text {

// Rewrites what has no letters of its own (times, dates, units, signs, telephone numbers, addresses,
// abbreviations) as words or as plain numbers. Plain numbers, ordinals, years, decimals and amounts of $, GBP
// and EUR are left for the NumberReader, which knows where they stand.
//
// Owner:  any thread; immutable after construction.
// Errors: none for any text; bytes that are no UTF-8 are dropped.
class Normaliser {
 public:
  explicit Normaliser(const NormaliseTables& tables);

  // White space becomes single spaces. Linear in the text for phrases of ordinary length; the caller bounds
  // the length.
  void normalise(MappedText& text) const;

 private:
  std::vector<RewriteRule> rules_;
};

// The groups of rules, in the order in which they must run. Each appends to `rules`.
void append_address_rules(std::vector<RewriteRule>& rules);  // web, mail, file names, versions
void append_respelling_rules(std::vector<RewriteRule>& rules);
void append_digit_rules(std::vector<RewriteRule>& rules);  // telephone numbers and codes, digit by digit
void append_clock_rules(std::vector<RewriteRule>& rules,
                        const NormaliseTables& tables);  // times and numeric dates
void append_money_rules(std::vector<RewriteRule>& rules, const NormaliseTables& tables);
void append_unit_rules(std::vector<RewriteRule>& rules, const NormaliseTables& tables);
void append_month_rules(std::vector<RewriteRule>& rules,
                        const NormaliseTables& tables);  // "March 3", "3 March"
void append_name_rules(std::vector<RewriteRule>& rules,
                       const NormaliseTables& tables);  // titles, abbreviations
void append_roman_rules(std::vector<RewriteRule>& rules, const NormaliseTables& tables);
void append_ratio_rules(std::vector<RewriteRule>& rules, const NormaliseTables& tables);  // fractions, ranges
void append_symbol_rules(std::vector<RewriteRule>& rules, const NormaliseTables& tables);

}  // namespace antiphon::models::text
