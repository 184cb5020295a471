# Writes a .cpp with the files of the demo page in it: cmake -DFOLDER=... -DFILES="a|b" -DOUTPUT=... -P this.
# Each becomes an array of bytes with its path, content type and a tag made of its hash.

set(type_html "text/html; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_svg "image/svg+xml")

set(arrays "")
set(table "")
set(count 0)
string(REPLACE "|" ";" files "${FILES}")
foreach(file IN LISTS files)
  string(REGEX REPLACE ".*\\." "" ending "${file}")
  if(NOT DEFINED type_${ending})
    message(FATAL_ERROR "no content type is known for ${file}")
  endif()
  file(READ "${FOLDER}/${file}" bytes HEX)
  file(SHA256 "${FOLDER}/${file}" hash)
  string(SUBSTRING "${hash}" 0 20 tag)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  set(path "/${file}")
  if(file STREQUAL "index.html")
    set(path "/")
  endif()
  string(APPEND arrays "constexpr unsigned char kFile${count}[] = {${bytes}};\n")
  string(APPEND table "    {\"${path}\", \"${type_${ending}}\", \"\\\"${tag}\\\"\",\n"
         "     text_of(kFile${count})},\n")
  math(EXPR count "${count} + 1")
endforeach()

file(WRITE "${OUTPUT}" "// Made by cmake/embed_files.cmake.
#include \"server/demo/demo_files.h\"

namespace antiphon::server {
namespace {

${arrays}
template <std::size_t Size>
std::string_view text_of(const unsigned char (&bytes)[Size]) {
  return {reinterpret_cast<const char*>(bytes), Size};
}

}  // namespace

std::span<const DemoFile> demo_files() {
  static const DemoFile files[] = {
${table}  };
  return files;
}

}  // namespace antiphon::server
")
