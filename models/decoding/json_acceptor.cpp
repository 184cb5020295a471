#include "models/decoding/json_acceptor.h"

#include <bit>

namespace antiphon::models {
namespace {

constexpr std::uint16_t kDigitsMax = 15;
constexpr std::uint16_t kExponentDigitsMax = 2;

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

const ShapeNode& constants_of_anything() {
  static const ShapeNode node{.kind = ShapeKind::kChoice, .texts = {"false", "null", "true"}};
  return node;
}

bool begins(const JsonShapes& shapes, const ShapeNode& node, char byte) {
  switch (node.kind) {
    case ShapeKind::kObject:
    case ShapeKind::kMap:
      return byte == '{';
    case ShapeKind::kArray:
      return byte == '[';
    case ShapeKind::kString:
      return byte == '"';
    case ShapeKind::kNumber:
    case ShapeKind::kInteger:
      return byte == '-' || is_digit(byte);
    case ShapeKind::kChoice:
      return std::ranges::any_of(node.texts, [&](const std::string& text) { return text.front() == byte; });
    case ShapeKind::kUnion:
      return std::ranges::any_of(node.alternatives,
                                 [&](ShapeId id) { return begins(shapes, shapes.nodes[id], byte); });
    case ShapeKind::kAnything:
      return true;  // begin_anything() looks closer
  }
  return false;
}

}  // namespace

bool TextChoice::narrow(std::span<const std::string> texts, char byte) {
  const auto at = [&](std::size_t i) -> int {
    return texts[i].size() > bytes_read ? static_cast<unsigned char>(texts[i][bytes_read]) : -1;
  };
  const int wanted = static_cast<unsigned char>(byte);
  std::uint16_t first = low;
  while (first < high && at(first) < wanted) ++first;
  std::uint16_t last = first;
  while (last < high && at(last) == wanted) ++last;
  if (first == last) return false;
  *this = {first, last, static_cast<std::uint16_t>(bytes_read + 1)};
  return true;
}

JsonAcceptor::JsonAcceptor(const JsonShapes& shapes, ShapeId shape) : shapes_(&shapes) {
  push({.node = &shapes.nodes[shape]});
}

JsonAcceptor& JsonAcceptor::operator=(const JsonAcceptor& other) {
  if (this == &other) return *this;
  shapes_ = other.shapes_;
  depth_ = other.depth_;
  std::copy_n(other.frames_.begin(), depth_, frames_.begin());
  return *this;
}

void JsonAcceptor::push(const Frame& frame) {
  assert(depth_ < kFramesMax);
  frames_[depth_++] = frame;
}

bool JsonAcceptor::complete() const {
  return depth_ == 0 || (depth_ == 1 && ends_here(top()));
}

bool JsonAcceptor::inside_string() const {
  return depth_ > 0 && top().kind == Kind::kString && top().phase == Phase::kFirst;
}

bool JsonAcceptor::advance(char byte) {
  while (depth_ > 0) {
    Frame& frame = top();
    switch (frame.kind) {
      case Kind::kValue:
        return begin_value(*frame.node, byte);
      case Kind::kObject:
        return advance_object(byte);
      case Kind::kMap:
        return advance_map(byte);
      case Kind::kArray:
        return advance_array(byte);
      case Kind::kString:
        return advance_string(byte);
      case Kind::kNumber:
        if (advance_number(&frame, byte)) return true;
        break;
      case Kind::kChoice:
        if (frame.choice.narrow(frame.node->texts, byte)) return true;
        break;
    }
    // A number or a constant has no last byte of its own: the first byte of what follows ends it.
    if (!ends_here(frame)) return false;
    pop();
  }
  return false;
}

bool JsonAcceptor::ends_here(const Frame& frame) {
  if (frame.kind == Kind::kChoice) return frame.choice.complete(frame.node->texts);
  return frame.kind == Kind::kNumber && (frame.phase == Phase::kZero || frame.phase == Phase::kWhole ||
                                         frame.phase == Phase::kFraction || frame.phase == Phase::kExponent);
}

const ShapeNode& JsonAcceptor::item_of(const ShapeNode& node) const {
  return node.kind == ShapeKind::kAnything ? node : shapes_->nodes[node.item];
}

// Turns the frame at the top, a value not yet begun, into the kind of value that `byte` begins.
bool JsonAcceptor::begin_value(const ShapeNode& node, char byte) {
  if (!begins(*shapes_, node, byte)) return false;
  switch (node.kind) {
    case ShapeKind::kObject:
      return open(Kind::kObject, node);
    case ShapeKind::kMap:
      return open(Kind::kMap, node);
    case ShapeKind::kArray:
      return open(Kind::kArray, node);
    case ShapeKind::kString:
      return open(Kind::kString, node);
    case ShapeKind::kNumber:
    case ShapeKind::kInteger:
      open(Kind::kNumber, node);
      return advance_number(&top(), byte);
    case ShapeKind::kChoice:
      return begin_choice(node, byte);
    case ShapeKind::kUnion:
      return begin_union(node, byte);
    case ShapeKind::kAnything:
      return begin_anything(node, byte);
  }
  return false;
}

bool JsonAcceptor::open(Kind kind, const ShapeNode& node) {
  top() = {.node = &node, .kind = kind};
  return true;
}

bool JsonAcceptor::begin_choice(const ShapeNode& node, char byte) {
  open(Kind::kChoice, node);
  top().choice = TextChoice::all_of(node.texts);
  return top().choice.narrow(node.texts, byte);
}

bool JsonAcceptor::begin_union(const ShapeNode& node, char byte) {
  for (const ShapeId alternative : node.alternatives) {
    const ShapeNode& chosen = shapes_->nodes[alternative];
    if (begins(*shapes_, chosen, byte)) return begin_value(chosen, byte);
  }
  return false;
}

bool JsonAcceptor::begin_anything(const ShapeNode& node, char byte) {
  const bool has_room = depth_ <= JsonShapes::kNestingMax;  // this frame itself would be a container
  if (byte == '{') return has_room && open(Kind::kMap, node);
  if (byte == '[') return has_room && open(Kind::kArray, node);
  if (byte == '"') return open(Kind::kString, node);
  if (byte == '-' || is_digit(byte)) {
    open(Kind::kNumber, node);
    return advance_number(&top(), byte);
  }
  return begin_choice(constants_of_anything(), byte);
}

// Begins a value inside the container at the top, which goes on after it.
bool JsonAcceptor::child_value(const ShapeNode& node, char byte) {
  top().phase = Phase::kAfterValue;
  push({.node = &node});
  return begin_value(node, byte);
}

bool JsonAcceptor::close() {
  pop();
  return true;
}

bool JsonAcceptor::advance_object(char byte) {
  Frame& frame = top();
  const ShapeNode& node = *frame.node;
  const bool may_close = (node.required & ~frame.used) == 0;
  const bool has_more = std::popcount(frame.used) < static_cast<int>(node.texts.size());
  switch (frame.phase) {
    case Phase::kFirst:
      if (byte == '}') return may_close && close();
      return has_more && open_key(byte);
    case Phase::kKey:
      return advance_key(byte);
    case Phase::kColon:
      frame.phase = Phase::kAfterColon;
      return byte == ':';
    case Phase::kAfterColon:
      // The key was narrowed to one text. A second space finds no value that begins with it.
      if (byte == ' ' && frame.count++ == 0) return true;
      return child_value(shapes_->nodes[node.properties[frame.choice.low]], byte);
    case Phase::kAfterValue:
      if (byte == '}') return may_close && close();
      frame.phase = Phase::kAfterComma;
      return byte == ',' && has_more;
    case Phase::kAfterComma:
      if (byte != ' ') return open_key(byte);
      frame.phase = Phase::kAfterSpace;
      return true;
    default:
      return open_key(byte);
  }
}

bool JsonAcceptor::open_key(char byte) {
  Frame& frame = top();
  frame.phase = Phase::kKey;
  frame.choice = TextChoice::all_of(frame.node->texts);
  frame.count = 0;
  return byte == '"';
}

bool JsonAcceptor::advance_key(char byte) {
  Frame& frame = top();
  if (!frame.choice.narrow(frame.node->texts, byte)) return false;
  const std::uint64_t below_low = (std::uint64_t{1} << frame.choice.low) - 1;
  const std::uint64_t below_high =
      frame.choice.high == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << frame.choice.high) - 1;
  if ((below_high & ~below_low & ~frame.used) == 0) return false;  // only properties that came already
  if (byte == '"' && frame.choice.complete(frame.node->texts)) {
    frame.used |= std::uint64_t{1} << frame.choice.low;
    frame.phase = Phase::kColon;
  }
  return true;
}

bool JsonAcceptor::advance_map(char byte) {
  Frame& frame = top();
  switch (frame.phase) {
    case Phase::kFirst:
    case Phase::kAfterComma:
    case Phase::kAfterSpace:
      if (byte == '}' && frame.phase == Phase::kFirst) return close();
      if (byte == ' ' && frame.phase == Phase::kAfterComma) {
        frame.phase = Phase::kAfterSpace;
        return true;
      }
      frame.phase = Phase::kColon;
      frame.count = 0;
      push({.node = frame.node, .kind = Kind::kString});
      return byte == '"';
    case Phase::kColon:
      frame.phase = Phase::kAfterColon;
      return byte == ':';
    case Phase::kAfterColon:
      if (byte == ' ' && frame.count++ == 0) return true;
      return child_value(item_of(*frame.node), byte);
    default:
      if (byte == '}') return close();
      frame.phase = Phase::kAfterComma;
      return byte == ',';
  }
}

bool JsonAcceptor::advance_array(char byte) {
  Frame& frame = top();
  const ShapeNode& node = *frame.node;
  const bool may_close = frame.count >= node.items_min;
  switch (frame.phase) {
    case Phase::kFirst:
      if (byte == ']') return may_close && close();
      if (node.items_max == 0) return false;
      break;
    case Phase::kAfterValue:
      if (byte == ']') return may_close && close();
      frame.phase = Phase::kAfterComma;
      return byte == ',' && frame.count < node.items_max;
    case Phase::kAfterComma:
      if (byte != ' ') break;
      frame.phase = Phase::kAfterSpace;
      return true;
    default:
      break;
  }
  ++frame.count;
  return child_value(item_of(node), byte);
}

bool JsonAcceptor::advance_string(char byte) {
  Frame& frame = top();
  const auto value = static_cast<std::uint8_t>(byte);
  switch (frame.phase) {
    case Phase::kEscape:
      return advance_escape(byte);
    case Phase::kHex:
      return advance_hex(byte);
    case Phase::kContinuation:
      if (value < frame.least || value > frame.most) return false;
      frame.least = 0x80;
      frame.most = 0xbf;
      if (--frame.count == 0) frame.phase = Phase::kFirst;
      return true;
    default:
      break;
  }
  if (byte == '"') return close();
  if (byte == '\\') {
    frame.phase = Phase::kEscape;
    return true;
  }
  if (value >= 0x80) return begin_utf8(value);
  return value >= 0x20;
}

bool JsonAcceptor::advance_escape(char byte) {
  Frame& frame = top();
  frame.phase = Phase::kFirst;
  if (byte != 'u') return std::string_view("\"\\/bfnrt").find(byte) != std::string_view::npos;
  frame.phase = Phase::kHex;
  frame.count = 4;
  frame.most = 0xf;
  return true;
}

bool JsonAcceptor::advance_hex(char byte) {
  Frame& frame = top();
  int digit = 16;
  if (is_digit(byte)) digit = byte - '0';
  if (byte >= 'a' && byte <= 'f') digit = byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'F') digit = byte - 'A' + 10;
  if (digit > frame.most) return false;
  frame.most = frame.count == 4 && digit == 0xd ? 7 : 0xf;  // d800 to dfff are halves of pairs
  if (--frame.count == 0) frame.phase = Phase::kFirst;
  return true;
}

// Unicode 15, table 3-7: the first byte says how many follow and what the second may be.
bool JsonAcceptor::begin_utf8(std::uint8_t byte) {
  if (byte < 0xc2 || byte > 0xf4) return false;
  Frame& frame = top();
  frame.phase = Phase::kContinuation;
  frame.count = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
  frame.least = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
  frame.most = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
  return true;
}

bool JsonAcceptor::advance_number(Frame* frame, char byte) {
  const auto enter = [&](Phase phase) {
    frame->phase = phase;
    frame->count = 1;
    return true;
  };
  const bool may_be_broken = frame->node->kind != ShapeKind::kInteger;
  const bool exponent_mark = may_be_broken && (byte == 'e' || byte == 'E');
  switch (frame->phase) {
    case Phase::kFirst:
      if (byte == '-') return enter(Phase::kMinus);
      [[fallthrough]];
    case Phase::kMinus:
      return is_digit(byte) && enter(byte == '0' ? Phase::kZero : Phase::kWhole);
    case Phase::kZero:
    case Phase::kWhole:
      if (byte == '.' && may_be_broken) return enter(Phase::kPoint);
      if (exponent_mark) return enter(Phase::kExponentMark);
      return frame->phase == Phase::kWhole && is_digit(byte) && ++frame->count <= kDigitsMax;
    case Phase::kPoint:
      return is_digit(byte) && enter(Phase::kFraction);
    case Phase::kFraction:
      if (exponent_mark) return enter(Phase::kExponentMark);
      return is_digit(byte) && ++frame->count <= kDigitsMax;
    case Phase::kExponentMark:
      if (byte == '+' || byte == '-') return enter(Phase::kExponentSign);
      [[fallthrough]];
    case Phase::kExponentSign:
      return is_digit(byte) && enter(Phase::kExponent);
    case Phase::kExponent:
      return is_digit(byte) && ++frame->count <= kExponentDigitsMax;
    default:
      return false;
  }
}

}  // namespace antiphon::models
