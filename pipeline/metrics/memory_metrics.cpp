#include "pipeline/metrics/memory_metrics.h"

#include <string>

#include "pipeline/metrics/families.h"

namespace antiphon::pipeline {
namespace {

using context_store::Record;
using prometheus::MetricType;

void add_work(const MemoryReport& report, Families& out) {
  out.begin("antiphon_memory_recall_seconds", MetricType::Histogram,
            "From a session's question to the memory's answer");
  out.histogram(report.recall, kStepBounds);
  out.begin("antiphon_memory_recalls_cut_off_total", MetricType::Counter,
            "Recalls whose deadline came first: the answer was the best so far");
  out.count(report.recalls_cut_off);
  out.begin("antiphon_memory_recalls_failed_total", MetricType::Counter,
            "Recalls that the store could not answer");
  out.count(report.recalls_failed);
  out.begin("antiphon_memory_commit_seconds", MetricType::Histogram,
            "From the first turn of a group to all of them on the disk");
  out.histogram(report.commit, kStepBounds);
  out.begin("antiphon_memory_turns_total", MetricType::Counter, "Turns by what became of them");
  out.count(report.turns_committed, "end", "committed");
  out.count(report.turns_lost, "end", "lost");
  out.begin("antiphon_memory_commits_failed_total", MetricType::Counter,
            "Groups that the store did not take");
  out.count(report.commits_failed);
  out.begin("antiphon_memory_compactions_total", MetricType::Counter,
            "Times that the store was written anew, by what became of it");
  out.count(report.compactions, "end", "done");
  out.count(report.compactions_failed, "end", "failed");
  out.begin("antiphon_memory_compaction_step_seconds", MetricType::Histogram,
            "Steps of it, each of which commits may wait for");
  out.histogram(report.compaction_step, kStepBounds);
  out.begin("antiphon_memory_closed_turns", MetricType::Gauge,
            "Turns of closed conversations that wait to be made cold, as counted last");
  out.gauge(report.closed_turns);
  out.begin("antiphon_memory_recalls_by_meaning_total", MetricType::Counter,
            "Questions of sessions that were also compared by their meaning");
  out.count(report.questions_by_meaning);
  out.begin("antiphon_memory_turns_embedded_total", MetricType::Counter,
            "Turns that were given their vector, for recall by meaning");
  out.count(report.turns_embedded);
  out.begin("antiphon_memory_embeddings_failed_total", MetricType::Counter,
            "Times that some turns' vectors were not computed or not kept");
  out.count(report.embeddings_failed);
  out.begin("antiphon_memory_users_to_embed", MetricType::Gauge,
            "Users who may have turns without a vector: they are looked at when nothing else is due");
  out.gauge(report.users_to_embed);
  out.begin("antiphon_memory_queue_waiting", MetricType::Gauge, "What waits for the memory's threads");
  out.gauge(static_cast<std::size_t>(report.questions_waiting), "queue", "questions");
  out.gauge(static_cast<std::size_t>(report.turns_waiting), "queue", "turns");
  out.begin("antiphon_memory_queue_capacity", MetricType::Gauge, "What these queues have room for");
  out.gauge(static_cast<std::size_t>(report.questions_max), "queue", "questions");
  out.gauge(static_cast<std::size_t>(report.turns_max), "queue", "turns");
  out.begin("antiphon_memory_queue_refused_total", MetricType::Counter, "What they had no room for");
  out.count(report.questions_refused, "queue", "questions");
  out.count(report.turns_refused, "queue", "turns");
}

void add_store(const MemoryReport& report, Families& out) {
  out.begin("antiphon_memory_file_bytes", MetricType::Gauge, "The store's files; free: used again");
  out.gauge(report.store.used_bytes, "part", "used");
  out.gauge(report.store.file_bytes - report.store.used_bytes, "part", "free");
  out.gauge(report.store.cold_bytes, "part", "cold");
  out.begin("antiphon_memory_read_only", MetricType::Gauge, "1: a commit failed, and no more are taken");
  out.gauge(report.store.read_only ? 1 : 0);
  out.begin("antiphon_memory_oldest_snapshot_seconds", MetricType::Gauge, "Age of the oldest open snapshot");
  out.value(report.oldest_snapshot_seconds);
}

void add_totals(const MemoryTotals& totals, Families& out) {
  out.begin("antiphon_memory_nodes", MetricType::Gauge, "Nodes of all users' graphs, counted now and then");
  out.gauge(totals.users, "kind", "user");
  out.gauge(totals.turns, "kind", "turn");
  out.gauge(totals.entities, "kind", "entity");
  out.gauge(totals.facts, "kind", "fact");
  out.begin("antiphon_memory_edges", MetricType::Gauge, "Edges likewise");
  out.gauge(totals.edges);
  out.begin("antiphon_memory_bytes", MetricType::Gauge, "Keys and values of all users, by what they hold");
  std::uint64_t all = 0;
  std::uint64_t edges = 0;
  for (std::size_t record = 0; record < totals.bytes.size(); ++record) {
    const std::uint64_t bytes = totals.bytes[record];
    if (bytes == 0) continue;
    const auto kind = static_cast<Record>(record);
    out.gauge(bytes, "holds", std::string(name_of(kind)).c_str());
    all += bytes;
    if (kind == Record::kForward || kind == Record::kReverse || kind == Record::kProvenance) edges += bytes;
  }
  const auto share = [](std::uint64_t bytes, std::uint64_t count) {
    return count == 0 ? 0.0 : static_cast<double>(bytes) / static_cast<double>(count);
  };
  out.begin("antiphon_memory_bytes_per_user", MetricType::Gauge, "Mean of all users, and the largest");
  out.value(share(all, totals.users), "of", "mean");
  out.value(static_cast<double>(totals.largest_user_bytes), "of", "largest");
  out.begin("antiphon_memory_bytes_per_edge", MetricType::Gauge, "In both directions, with its source turn");
  out.value(share(edges, totals.edges));
}

}  // namespace

std::vector<prometheus::MetricFamily> memory_metrics(const MemoryReport& report) {
  Families out;
  add_work(report, out);
  add_store(report, out);
  add_totals(report.totals, out);
  return out.take();
}

}  // namespace antiphon::pipeline
