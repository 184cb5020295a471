#pragma once

#include <string>

namespace antiphon::server {

// Why a request is refused, as the vendor's clients read it. "" for what does not apply.
struct HttpFault {
  int status = 400;  // of HTTP
  std::string code;
  std::string message;  // one sentence; never holds a key
  std::string param;    // the field that is wrong
};

// {"error": {...}}
std::string fault_json(const HttpFault& fault);

}  // namespace antiphon::server
