#pragma once

#include <cstdint>
#include <filesystem>

#include "context_store/storage/environment.h"

namespace antiphon::context_store {

// The files of a store: graph.mdb with its lock table, the cold segment that it names, and a file whose lock
// keeps other processes out.
//
// A new graph is written beside the old one and takes its place whole: written, synced, renamed, and the
// folder synced. A power cut at any moment leaves the old one or the new one.
class StoreFolder {
 public:
  // Throws std::runtime_error with one sentence: another process has it, or it cannot be made.
  StoreFolder(const std::filesystem::path& folder, Environment::Mode mode);
  ~StoreFolder();
  StoreFolder(const StoreFolder&) = delete;
  StoreFolder& operator=(const StoreFolder&) = delete;

  std::filesystem::path graph() const { return folder_ / "graph.mdb"; }
  std::filesystem::path new_graph() const { return folder_ / "graph.new"; }

  std::filesystem::path cold(std::uint32_t number) const;

  void remove_new_graph() const;
  // All segments but one; what cannot be removed stays.
  void remove_cold_but(std::uint32_t number) const;
  // The segment that the new graph names, if any, is synced. Both graphs may be open: who has the old one
  // keeps it. Throws std::runtime_error, and the old one is still in place.
  void put_new_graph_in_place() const;
  // Then: makes its new name safe. Throws std::runtime_error: nobody can tell which one a restart finds.
  void sync_names() const;

 private:
  std::filesystem::path folder_;
  int lock_ = -1;
};

}  // namespace antiphon::context_store
