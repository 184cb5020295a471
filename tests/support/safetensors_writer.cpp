#include "tests/support/safetensors_writer.h"

#include <bit>
#include <fstream>
#include <utility>

namespace antiphon::test {
namespace {

template <class Value>
std::string bytes_of(std::span<const Value> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

}  // namespace

void SafetensorsWriter::add_f32(const std::string& name, std::vector<std::int64_t> shape,
                                std::span<const float> values) {
  entries_[name] = {"F32", std::move(shape), bytes_of(values)};
}

void SafetensorsWriter::add_bf16(const std::string& name, std::vector<std::int64_t> shape,
                                 std::span<const float> values) {
  std::vector<std::uint16_t> halves;
  for (const float value : values) {
    halves.push_back(static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16));
  }
  entries_[name] = {"BF16", std::move(shape), bytes_of(std::span<const std::uint16_t>(halves))};
}

void SafetensorsWriter::add_i8(const std::string& name, std::vector<std::int64_t> shape,
                               std::span<const std::int8_t> values) {
  entries_[name] = {"I8", std::move(shape), bytes_of(values)};
}

void SafetensorsWriter::write(const std::filesystem::path& path) const {
  std::string header = "{";
  std::string data;
  const auto append = [&](const std::string& name, const Entry& entry) {
    if (header.size() > 1) header += ",";
    header.append("\"").append(name).append("\":{\"dtype\":\"").append(entry.type).append("\",\"shape\":[");
    for (std::size_t i = 0; i < entry.shape.size(); ++i) {
      header.append(i == 0 ? "" : ",").append(std::to_string(entry.shape[i]));
    }
    header.append("],\"data_offsets\":[").append(std::to_string(data.size())).append(",");
    data += entry.bytes;
    header.append(std::to_string(data.size())).append("]}");
  };
  // f32 first, so that every one of them is aligned.
  for (const bool f32 : {true, false}) {
    for (const auto& [name, entry] : entries_) {
      if ((entry.type == std::string("F32")) == f32) append(name, entry);
    }
  }
  header += "}";
  header.append((8 - header.size() % 8) % 8, ' ');
  const std::uint64_t length = header.size();
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(&length), sizeof length);
  file << header << data;
}

void write_safetensors(const std::filesystem::path& path, const std::map<std::string, F32Tensor>& tensors) {
  SafetensorsWriter writer;
  for (const auto& [name, tensor] : tensors) writer.add_f32(name, tensor.shape, tensor.values);
  writer.write(path);
}

}  // namespace antiphon::test
