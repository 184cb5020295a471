#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <span>
#include <string>

#include "models/decoding/json_shape.h"

namespace antiphon::models {

// The entries of a sorted list of texts that still agree with the bytes read so far.
struct TextChoice {
  std::uint16_t low = 0;  // texts[low, high) begin with the bytes read
  std::uint16_t high = 0;
  std::uint16_t bytes_read = 0;

  static TextChoice all_of(std::span<const std::string> texts) {
    return {0, static_cast<std::uint16_t>(texts.size()), 0};
  }
  // Keeps the texts that go on with `byte`; false, and unchanged, if there are none.
  bool narrow(std::span<const std::string> texts, char byte);
  // Whether texts[low] was read to its end.
  bool complete(std::span<const std::string> texts) const { return texts[low].size() == bytes_read; }
};

// Reads one JSON value byte by byte and refuses every byte after which no value of the shape is possible.
// From any state that it reaches, some bytes lead to a complete value.
//
// White space: at most one space after ':' and ','. Strings are UTF-8 without surrogate escapes; numbers have
// at most 15 digits before and after the point and an exponent of at most two digits, so that every parser
// takes them.
//
// Owner: any thread, one at a time. A value: copying takes some 24 bytes for each level of nesting, no heap.
class JsonAcceptor {
 public:
  // `shapes` must outlive this object and not change.
  JsonAcceptor(const JsonShapes& shapes, ShapeId shape);
  JsonAcceptor(const JsonAcceptor& other) { *this = other; }
  JsonAcceptor& operator=(const JsonAcceptor& other);

  // False if the byte can't come next; the state is then useless.
  [[nodiscard]] bool advance(char byte);
  // Whether the bytes so far are a whole value (which may still go on, if it is a number).
  bool complete() const;
  // Whether the next byte is an ordinary one inside a string: any text, or the closing quote.
  bool inside_string() const;

 private:
  enum class Kind : std::uint8_t { kValue, kObject, kMap, kArray, kString, kNumber, kChoice };
  enum class Phase : std::uint8_t {
    kFirst,  // of a container: just opened. Of a string: between two characters
    kKey,
    kColon,
    kAfterColon,
    kAfterValue,
    kAfterComma,
    kAfterSpace,  // the one space after ':' or ','
    kEscape,
    kHex,
    kContinuation,
    kMinus,
    kZero,
    kWhole,
    kPoint,
    kFraction,
    kExponentMark,
    kExponentSign,
    kExponent
  };
  struct Frame {
    const ShapeNode* node = nullptr;
    std::uint64_t used = 0;   // kObject: properties that came already
    TextChoice choice{};      // kChoice and the keys of kObject
    std::uint16_t count = 0;  // kArray: elements; kString, kNumber: bytes of the present phase
    Kind kind = Kind::kValue;
    Phase phase = Phase::kFirst;
    std::uint8_t least = 0;  // kString in kContinuation and kHex: what the next byte may be
    std::uint8_t most = 0;
  };

  Frame& top() { return frames_[depth_ - 1]; }
  const Frame& top() const { return frames_[depth_ - 1]; }
  void push(const Frame& frame);
  void pop() { --depth_; }

  bool begin_value(const ShapeNode& node, char byte);
  bool begin_union(const ShapeNode& node, char byte);
  bool begin_anything(const ShapeNode& node, char byte);
  bool begin_choice(const ShapeNode& node, char byte);
  bool open(Kind kind, const ShapeNode& node);
  bool child_value(const ShapeNode& node, char byte);
  bool close();

  bool advance_object(char byte);
  bool advance_key(char byte);
  bool open_key(char byte);
  bool advance_map(char byte);
  bool advance_array(char byte);
  bool advance_string(char byte);
  bool advance_escape(char byte);
  bool advance_hex(char byte);
  bool begin_utf8(std::uint8_t byte);
  static bool advance_number(Frame* frame, char byte);
  static bool ends_here(const Frame& frame);
  const ShapeNode& item_of(const ShapeNode& node) const;

  static constexpr std::uint8_t kFramesMax = JsonShapes::kNestingMax + 2;  // and a key or a scalar inside

  const JsonShapes* shapes_ = nullptr;
  std::uint8_t depth_ = 0;
  std::array<Frame, kFramesMax> frames_;  // only [0, depth_) is meaningful
};

}  // namespace antiphon::models
