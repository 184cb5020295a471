#pragma once

namespace antiphon::models {

// Threads of the caller's that may take part in a step while they have nothing else to do.
//
// A step cuts what it can into parts that don't depend on each other and write to different places; each part
// is done once, by whoever comes first, so the results are the same with and without help.
//
// Owner:  one step at a time calls run(); the parts run on any thread, also several at once.
// Errors: a part must not throw.
class WorkSharing {
 public:
  using Part = void (*)(const void* work, int part);

  WorkSharing() = default;
  WorkSharing(const WorkSharing&) = delete;
  WorkSharing& operator=(const WorkSharing&) = delete;
  virtual ~WorkSharing() = default;

  // Calls work(part) for each part in [0, parts); returns when all of them are done.
  template <class Work>
  void run(int parts, const Work& work) {
    run_parts(parts, [](const void* of, int part) { (*static_cast<const Work*>(of))(part); }, &work);
  }

 private:
  virtual void run_parts(int parts, Part run_part, const void* work) = 0;
};

}  // namespace antiphon::models
