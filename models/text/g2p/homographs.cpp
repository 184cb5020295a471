#include "models/text/g2p/homographs.h"
namespace antiphon::models::text {
void Homographs::decide(std::vector<Token>&) const {}
}  // namespace antiphon::models::text
