#include "server/api/multipart.h"

#include <gtest/gtest.h>

#include <string>

namespace antiphon::server {
namespace {

std::vector<FormPart> parts_of(std::string_view body) {
  const auto form = form_parts(body, "XX");
  if (const auto* fault = std::get_if<FormFault>(&form)) {
    ADD_FAILURE() << fault->why;
    return {};
  }
  return std::get<std::vector<FormPart>>(form);
}

std::string fault_of(std::string_view body) {
  const auto form = form_parts(body, "XX");
  const auto* fault = std::get_if<FormFault>(&form);
  return fault != nullptr ? fault->why : "";
}

TEST(FormBoundary, IsReadInEveryWayThatClientsWriteIt) {
  EXPECT_EQ(form_boundary("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(form_boundary("Multipart/Form-Data;charset=utf-8; Boundary=\"a b;c\""), "a b;c");
  EXPECT_EQ(form_boundary("multipart/form-data"), std::nullopt);
  EXPECT_EQ(form_boundary("multipart/form-data; boundary="), std::nullopt);
  EXPECT_EQ(form_boundary("application/json; boundary=abc"), std::nullopt);
  EXPECT_EQ(form_boundary(""), std::nullopt);
}

TEST(FormParts, GivesNamesAndBytesAsTheyAre) {
  const std::string file = std::string("RIFF\0\r\n--X\r\n--", 14);
  const std::string body =
      "--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--XX\r\n"
      "content-disposition: form-data; filename=\"a; name=\\\"x\\\".wav\"; name=file\r\n"
      "Content-Type: audio/wav\r\n\r\n" +
      file +
      "\r\n--XX\r\n"
      "Content-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n--XX--\r\n";
  const auto parts = parts_of(body);
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(form_value(parts, "model"), "whisper-1");
  EXPECT_EQ(form_value(parts, "file"), file);
  EXPECT_EQ(form_value(parts, "empty"), "");
  EXPECT_EQ(form_value(parts, "other"), std::nullopt);
}

TEST(FormParts, TakesAPreambleAndAFormOfNothing) {
  EXPECT_TRUE(parts_of("--XX--").empty());
  EXPECT_EQ(parts_of("hello\r\n--XX \r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XX--").size(),
            1U);
}

TEST(FormParts, SaysWhatIsWrong) {
  EXPECT_EQ(fault_of(""), "The form does not begin with its boundary.");
  EXPECT_EQ(fault_of("--YY--"), "The form does not begin with its boundary.");
  EXPECT_EQ(fault_of("--XX"), "The form has no line end after a boundary.");
  EXPECT_EQ(fault_of("--XXx\r\n"), "The form has no line end after a boundary.");
  EXPECT_EQ(fault_of("--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n1"),
            "The form ends within a part.");
  EXPECT_EQ(fault_of("--XX\r\n\r\n1\r\n--XX--"), "A part of the form has no name.");
  EXPECT_EQ(fault_of("--XX\r\nContent-Disposition: form-data\r\n\r\n1\r\n--XX--"),
            "A part of the form has no name.");
  std::string many = "--XX";
  for (int i = 0; i < 65; ++i) many += "\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XX";
  EXPECT_EQ(fault_of(many + "--"), "The form has too many parts.");
}

}  // namespace
}  // namespace antiphon::server
