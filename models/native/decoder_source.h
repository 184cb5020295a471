#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "models/native/decoder_config.h"
#include "models/weights/weight_tensor.h"

namespace antiphon::models {

// The published file or folder of a decoder. Tensors go by GGUF's names ("blk.0.attn_q.weight"), whatever
// the file calls them.
//
// Owner:  any thread; immutable after construction.
// Errors: std::runtime_error that names the file, and the field or tensor.
class DecoderSource {
 public:
  DecoderSource() = default;
  DecoderSource(const DecoderSource&) = delete;
  DecoderSource& operator=(const DecoderSource&) = delete;
  virtual ~DecoderSource() = default;

  virtual const std::filesystem::path& path() const = 0;
  // Throws if this is no decoder that the forward pass computes.
  virtual DecoderConfig config() const = 0;
  virtual bool has_tensor(std::string_view name) const = 0;
  // Of one or two dimensions; throws if there is none of this name or its type is not supported.
  virtual WeightTensor tensor(std::string_view name) const = 0;
  // Tells the system that the contents were copied; what is read again comes back by itself.
  virtual void release_pages() const = 0;
};

}  // namespace antiphon::models
