#pragma once

#include <span>
#include <string_view>

namespace antiphon::server {

// A file of web_demo/, as it was when the program was built.
struct DemoFile {
  std::string_view path;  // of the address: "/" for index.html, "/js/main.js"
  std::string_view type;  // of the content
  std::string_view tag;   // ETag, quotes included; changes with the content
  std::string_view bytes;
};

// All of them, from the program itself. Any thread.
std::span<const DemoFile> demo_files();

}  // namespace antiphon::server
