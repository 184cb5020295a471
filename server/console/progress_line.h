#pragma once

#include <ostream>
#include <string>

namespace antiphon::server {

// One line on a terminal that tells how far long work is, written over itself.
//
// Owner: one thread.
class ProgressLine {
 public:
  // `visible`: whether `out` is a terminal; else nothing is ever written.
  ProgressLine(std::ostream& out, bool visible) : out_(out), visible_(visible) {}
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Shows `text` if it is another than before.
  void show(const std::string& text);
  // Takes the line away, so that something else can be printed.
  void clear();

 private:
  std::ostream& out_;
  const bool visible_;
  std::string shown_;
};

}  // namespace antiphon::server
