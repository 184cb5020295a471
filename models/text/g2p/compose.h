// The part of Unicode's compatibility composition (NFKC) that matters to English text: letters with combining
// accents, full-width letters, ligatures, raised and lowered digits, fractions of one sign.
#pragma once

#include "models/text/mapped_text.h"

namespace antiphon::models::text {

// If `c` is an accent that combines with the last letter of `text`, replaces that letter; if `c` is a
// compatibility form of Latin text, appends the plain text. False: `c` is to be appended as it stands.
bool compose_onto(MappedText& text, char32_t c, ByteRange origin);

}  // namespace antiphon::models::text
