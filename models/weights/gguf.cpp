#include "models/weights/gguf.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <utility>

namespace antiphon::models {
namespace {

static_assert(std::endian::native == std::endian::little, "GGUF's numbers are read as they lie");

constexpr std::uint64_t kFieldsMax = 1 << 16;
constexpr std::uint64_t kTensorsMax = 1 << 16;
constexpr std::uint64_t kNameBytesMax = 1 << 10;
constexpr std::uint64_t kArrayItemsMax = 1 << 23;  // all arrays of a file together: 128 MiB at 16 bytes each
constexpr int kArrayDepthMax = 4;
constexpr std::uint32_t kExtentsMax = 4;
constexpr std::int64_t kAlignmentDefault = 32;
constexpr std::int64_t kAlignmentMax = 1 << 16;

constexpr std::array<GgufBlock, 20> kBlocks{
    {{GgufType::kF32, "F32", 1, 4},      {GgufType::kF16, "F16", 1, 2},
     {GgufType::kQ4_0, "Q4_0", 32, 18},  {GgufType::kQ4_1, "Q4_1", 32, 20},
     {GgufType::kQ5_0, "Q5_0", 32, 22},  {GgufType::kQ5_1, "Q5_1", 32, 24},
     {GgufType::kQ8_0, "Q8_0", 32, 34},  {GgufType::kQ8_1, "Q8_1", 32, 36},
     {GgufType::kQ2K, "Q2_K", 256, 84},  {GgufType::kQ3K, "Q3_K", 256, 110},
     {GgufType::kQ4K, "Q4_K", 256, 144}, {GgufType::kQ5K, "Q5_K", 256, 176},
     {GgufType::kQ6K, "Q6_K", 256, 210}, {GgufType::kQ8K, "Q8_K", 256, 292},
     {GgufType::kI8, "I8", 1, 1},        {GgufType::kI16, "I16", 1, 2},
     {GgufType::kI32, "I32", 1, 4},      {GgufType::kI64, "I64", 1, 8},
     {GgufType::kF64, "F64", 1, 8},      {GgufType::kBf16, "BF16", 1, 2}}};

// Types of metadata values, as the file numbers them.
enum class ValueType : std::uint32_t {
  kU8,
  kI8,
  kU16,
  kI16,
  kU32,
  kI32,
  kF32,
  kBool,
  kText,
  kArray,
  kU64,
  kI64,
  kF64
};

[[noreturn]] void refuse_file(const std::string& what) {
  throw std::runtime_error(what);
}

std::string in_quotes(std::string_view name) {
  return "'" + std::string(name) + "'";
}

// Reads values one after the other and never beyond the end.
class Cursor {
 public:
  explicit Cursor(std::span<const std::byte> bytes) : bytes_(bytes) {}

  // What is being read, for the error's text.
  void set_place(std::string place) { place_ = std::move(place); }
  [[noreturn]] void refuse(const std::string& what) const { refuse_file(place_ + ": " + what); }

  std::size_t position() const { return position_; }
  std::size_t left() const { return bytes_.size() - position_; }

  std::span<const std::byte> take(std::uint64_t count) {
    if (count > left()) refuse("the file ends too early (truncated?)");
    const auto taken = bytes_.subspan(position_, count);
    position_ += count;
    return taken;
  }
  template <class Number>
  Number take() {
    Number value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view take_text(std::uint64_t bytes_max) {
    const auto length = take<std::uint64_t>();
    if (length > bytes_max) refuse("a text of " + std::to_string(length) + " bytes is too long");
    const auto taken = take(length);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
  std::string place_ = "the header";
};

class Parser {
 public:
  explicit Parser(std::span<const std::byte> bytes) : bytes_(bytes), cursor_(bytes) {}

  GgufIndex parse() {
    const auto magic = cursor_.take(4);
    if (std::memcmp(magic.data(), "GGUF", 4) != 0) refuse_file("it does not begin with 'GGUF'");
    const auto version = cursor_.take<std::uint32_t>();
    if (version != 2 && version != 3) {
      refuse_file("its version is " + std::to_string(version) + ", not a little-endian 2 or 3");
    }
    const auto tensors = cursor_.take<std::uint64_t>();
    const auto fields = cursor_.take<std::uint64_t>();
    if (tensors > kTensorsMax) refuse_file(std::to_string(tensors) + " tensors are too many");
    if (fields > kFieldsMax) refuse_file(std::to_string(fields) + " fields are too many");
    for (std::uint64_t i = 0; i < fields; ++i) parse_field();
    for (std::uint64_t i = 0; i < tensors; ++i) parse_tensor();
    place_tensors();
    return std::move(index_);
  }

 private:
  struct Placed {
    GgufTensor* tensor;
    const std::string* name;
    std::uint64_t offset;  // from the start of the data
    std::uint64_t bytes;
  };

  std::string take_name(const char* kind, std::uint64_t number) {
    cursor_.set_place("the name of " + std::string(kind) + " " + std::to_string(number));
    std::string name(cursor_.take_text(kNameBytesMax));
    cursor_.set_place(std::string(kind) + " " + in_quotes(name));
    return name;
  }

  void parse_field() {
    std::string name = take_name("field", index_.fields.size());
    GgufValue value = take_value(cursor_.take<ValueType>());
    if (!index_.fields.emplace(std::move(name), std::move(value)).second) cursor_.refuse("it occurs twice");
  }

  std::int64_t take_whole(ValueType type) {
    switch (type) {
      case ValueType::kU8:
        return cursor_.take<std::uint8_t>();
      case ValueType::kI8:
        return cursor_.take<std::int8_t>();
      case ValueType::kU16:
        return cursor_.take<std::uint16_t>();
      case ValueType::kI16:
        return cursor_.take<std::int16_t>();
      case ValueType::kU32:
        return cursor_.take<std::uint32_t>();
      case ValueType::kI32:
        return cursor_.take<std::int32_t>();
      case ValueType::kI64:
        return cursor_.take<std::int64_t>();
      case ValueType::kBool:
        return take_bool() ? 1 : 0;
      default:
        break;
    }
    const auto value = cursor_.take<std::uint64_t>();
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      cursor_.refuse("a whole number above 2^63 - 1");
    }
    return static_cast<std::int64_t>(value);
  }

  bool take_bool() {
    const auto value = cursor_.take<std::uint8_t>();
    if (value > 1) cursor_.refuse("a bool that is neither 0 nor 1");
    return value == 1;
  }

  double take_float(ValueType type) {
    return type == ValueType::kF32 ? static_cast<double>(cursor_.take<float>()) : cursor_.take<double>();
  }

  std::string_view take_text() { return cursor_.take_text(cursor_.left()); }

  GgufValue take_value(ValueType type) {
    switch (type) {
      case ValueType::kBool:
        return take_bool();
      case ValueType::kF32:
      case ValueType::kF64:
        return take_float(type);
      case ValueType::kText:
        return take_text();
      case ValueType::kArray:
        return take_array(1);
      default:
        check_known(type);
        return take_whole(type);
    }
  }

  void check_known(ValueType type) const {
    if (type > ValueType::kF64) {
      cursor_.refuse("unknown value type " + std::to_string(static_cast<std::uint32_t>(type)));
    }
  }

  GgufArray take_array(int depth) {
    if (depth > kArrayDepthMax) cursor_.refuse("arrays are nested too deeply");
    const auto type = cursor_.take<ValueType>();
    check_known(type);
    const auto count = cursor_.take<std::uint64_t>();
    if (count > kArrayItemsMax - array_items_) cursor_.refuse("too many array elements");
    if (count > cursor_.left()) cursor_.refuse("the file ends too early (truncated?)");
    array_items_ += count;
    switch (type) {
      case ValueType::kArray:
        return take_items<GgufArray>(count, [&] { return take_array(depth + 1); });
      case ValueType::kText:
        return take_items<std::string_view>(count, [&] { return take_text(); });
      case ValueType::kF32:
      case ValueType::kF64:
        return take_items<double>(count, [&] { return take_float(type); });
      default:
        return take_items<std::int64_t>(count, [&] { return take_whole(type); });
    }
  }

  template <class Item, class Take>
  GgufArray take_items(std::uint64_t count, Take take) {
    std::vector<Item> items;
    items.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) items.push_back(take());
    return {std::move(items)};
  }

  void parse_tensor() {
    const auto [entry, is_new] = index_.tensors.try_emplace(take_name("tensor", index_.tensors.size()));
    if (!is_new) cursor_.refuse("it occurs twice");
    GgufTensor& tensor = entry->second;
    const auto extents = cursor_.take<std::uint32_t>();
    if (extents < 1 || extents > kExtentsMax) cursor_.refuse(std::to_string(extents) + " dimensions");
    std::uint64_t elements = 1;
    for (std::uint32_t i = 0; i < extents; ++i) {
      const auto extent = cursor_.take<std::uint64_t>();
      // 2^56 elements leave room for the multiplication by a block's bytes.
      if (extent == 0 || extent > (std::uint64_t{1} << 56) / elements)
        cursor_.refuse("its shape is unusable");
      elements *= extent;
      tensor.shape.push_back(static_cast<std::int64_t>(extent));
    }
    std::ranges::reverse(tensor.shape);
    const auto number = cursor_.take<std::uint32_t>();
    const auto block = std::ranges::find(kBlocks, static_cast<GgufType>(number), &GgufBlock::type);
    if (block == kBlocks.end())
      cursor_.refuse("its element type " + std::to_string(number) + " is not known");
    tensor.type = block->type;
    if (tensor.columns() % block->elements != 0) {
      cursor_.refuse("its rows of " + std::to_string(tensor.columns()) + " are not whole " +
                     std::string(block->name) + " blocks");
    }
    const std::uint64_t bytes =
        elements / static_cast<std::uint64_t>(block->elements) * static_cast<std::uint64_t>(block->bytes);
    placed_.push_back({&tensor, &entry->first, cursor_.take<std::uint64_t>(), bytes});
  }

  // Called when the directory is read: the data begin after it, at the next multiple of the alignment.
  void place_tensors() {
    std::int64_t alignment = kAlignmentDefault;
    if (const auto found = index_.fields.find("general.alignment"); found != index_.fields.end()) {
      const auto* value = std::get_if<std::int64_t>(&found->second);
      alignment = value == nullptr ? 0 : *value;
      if (alignment < 1 || alignment > kAlignmentMax ||
          !std::has_single_bit(static_cast<std::uint64_t>(alignment))) {
        refuse_file("field 'general.alignment' is not a power of two up to " + std::to_string(kAlignmentMax));
      }
    }
    const auto step = static_cast<std::size_t>(alignment);
    const std::size_t begin = (cursor_.position() + step - 1) / step * step;
    const auto data = bytes_.subspan(std::min(begin, bytes_.size()));
    for (const Placed& placed : placed_) {
      const std::string tensor = "tensor " + in_quotes(*placed.name);
      if (placed.offset % step != 0) refuse_file(tensor + " is not aligned");
      if (placed.offset > data.size() || placed.bytes > data.size() - placed.offset) {
        refuse_file(tensor + " lies outside the file (truncated?)");
      }
      placed.tensor->bytes = data.subspan(placed.offset, placed.bytes);
    }
  }

  std::span<const std::byte> bytes_;
  Cursor cursor_;
  GgufIndex index_;
  std::vector<Placed> placed_;
  std::uint64_t array_items_ = 0;
};

}  // namespace

const GgufBlock& gguf_block(GgufType type) {
  return *std::ranges::find(kBlocks, type, &GgufBlock::type);
}

std::int64_t GgufTensor::rows() const {
  std::int64_t count = 1;
  for (std::size_t i = 0; i + 1 < shape.size(); ++i) count *= shape[i];
  return count;
}

GgufIndex parse_gguf(std::span<const std::byte> bytes) {
  return Parser(bytes).parse();
}

GgufFile::GgufFile(const std::filesystem::path& path) : file_(path) {
  try {
    index_ = parse_gguf(file_.bytes());
  } catch (const std::exception& error) {
    refuse(std::string("not a usable GGUF file: ") + error.what());
  }
}

void GgufFile::refuse(std::string_view what) const {
  refuse_file(in_quotes(path().string()) + ": " + std::string(what));
}

template <class Type>
const Type& GgufFile::field_as(std::string_view field, const char* type_name) const {
  const auto found = index_.fields.find(field);
  if (found == index_.fields.end()) refuse("it has no field " + in_quotes(field));
  if (const auto* value = std::get_if<Type>(&found->second)) return *value;
  refuse("field " + in_quotes(field) + " is not " + type_name);
}

std::int64_t GgufFile::integer(std::string_view field) const {
  return field_as<std::int64_t>(field, "a whole number");
}

double GgufFile::number(std::string_view field) const {
  const auto found = index_.fields.find(field);
  if (found != index_.fields.end()) {
    if (const auto* whole = std::get_if<std::int64_t>(&found->second)) return static_cast<double>(*whole);
  }
  return field_as<double>(field, "a number");
}

bool GgufFile::boolean(std::string_view field) const {
  return field_as<bool>(field, "a bool");
}

std::string_view GgufFile::text(std::string_view field) const {
  return field_as<std::string_view>(field, "a text");
}

std::span<const std::string_view> GgufFile::texts(std::string_view field) const {
  const auto* items =
      std::get_if<std::vector<std::string_view>>(&field_as<GgufArray>(field, "an array").items);
  if (items == nullptr) refuse("field " + in_quotes(field) + " is not an array of texts");
  return *items;
}

std::span<const std::int64_t> GgufFile::integers(std::string_view field) const {
  const auto* items = std::get_if<std::vector<std::int64_t>>(&field_as<GgufArray>(field, "an array").items);
  if (items == nullptr) refuse("field " + in_quotes(field) + " is not an array of whole numbers");
  return *items;
}

std::int64_t GgufFile::integer_or(std::string_view field, std::int64_t otherwise) const {
  return has(field) ? integer(field) : otherwise;
}

double GgufFile::number_or(std::string_view field, double otherwise) const {
  return has(field) ? number(field) : otherwise;
}

bool GgufFile::boolean_or(std::string_view field, bool otherwise) const {
  return has(field) ? boolean(field) : otherwise;
}

const GgufTensor& GgufFile::tensor(std::string_view name) const {
  const auto found = index_.tensors.find(name);
  if (found == index_.tensors.end()) refuse("it has no tensor " + in_quotes(name));
  return found->second;
}

const GgufTensor& GgufFile::tensor(std::string_view name, std::initializer_list<std::int64_t> shape) const {
  const GgufTensor& found = tensor(name);
  if (!std::ranges::equal(found.shape, shape))
    refuse("tensor " + in_quotes(name) + " has an unexpected shape");
  return found;
}

}  // namespace antiphon::models
