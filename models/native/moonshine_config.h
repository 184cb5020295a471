#pragma once

#include <filesystem>
#include <utility>
#include <vector>

namespace antiphon::models {

// The sizes of a Moonshine network and its published decoding rule (config.json beside the weights).
struct MoonshineConfig {
  int hidden_size = 0;  // D
  int heads = 0;        // H
  int head_dim = 0;     // D / H
  int encoder_layers = 0;
  int decoder_layers = 0;
  int encoder_ffn = 0;
  int decoder_ffn = 0;
  int rotary_dim = 0;  // first dimensions of a head that turn with the position; even
  double rope_theta = 0;
  int vocabulary = 0;  // columns of the logits
  int start_token = 0;
  int end_token = 0;
  int positions_max = 0;        // decoder positions
  bool tied_embedding = false;  // the output matrix is the embedding

  // (decoder layer, head) pairs whose attention follows the speech most closely, for word times, and how much
  // of it lies before a word's sound. Measured for the published sizes; any other has none, so no word times.
  std::vector<std::pair<int, int>> alignment_heads;
  float onset_share = 0;

  // Throws std::runtime_error that names the file and the field.
  static MoonshineConfig read(const std::filesystem::path& path);
};

}  // namespace antiphon::models
