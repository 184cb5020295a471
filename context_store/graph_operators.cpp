#include "context_store/graph_operators.h"

#include <algorithm>
#include <deque>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "context_store/storage/environment.h"
#include "context_store/storage/hash.h"
#include "context_store/storage/store_fault.h"

namespace antiphon::context_store {
namespace {

// What an entry of a hash table costs, with its links and buckets.
template <typename Entry>
constexpr std::size_t kEntryBytes = sizeof(Entry) + 4 * sizeof(void*);

// Takes from a budget and gives all of it back at the end.
class Spending {
 public:
  explicit Spending(MemoryBudget& budget) : budget_(budget) {}
  ~Spending() { budget_.give_back(taken_); }
  Spending(const Spending&) = delete;
  Spending& operator=(const Spending&) = delete;

  bool take(std::size_t bytes) {
    if (!budget_.take(bytes)) return false;
    taken_ += bytes;
    return true;
  }

 private:
  MemoryBudget& budget_;
  std::size_t taken_ = 0;
};

// The depth-first search of match(): one node's edges at each depth.
class Matcher {
 public:
  Matcher(const UserGraph& graph, std::span<const Step> pattern, MemoryBudget& budget,
          const MatchVisitor& visit)
      : graph_(graph), pattern_(pattern), budget_(budget), visit_(visit) {}

  bool run(NodeId start) {
    go_on(start);
    return !full_;
  }

 private:
  bool go_on(NodeId from) {
    if (path_.size() == pattern_.size()) return visit_(path_);
    const Step& step = pattern_[path_.size()];
    Spending spending(budget_);
    std::vector<Edge> edges;
    must(graph_.visit_edges(from, step.direction, [&](const Edge& edge) {
      if (!step.takes(edge)) return true;
      full_ = full_ || !spending.take(2 * sizeof(Edge));  // a vector grows by doubling
      if (!full_) edges.push_back(edge);
      return !full_;
    }));
    for (const Edge& edge : edges) {
      if (full_) return false;
      path_.push_back(edge);
      const bool more = go_on(step.target(edge));
      path_.pop_back();
      if (!more) return false;
    }
    return !full_;
  }

  const UserGraph& graph_;
  const std::span<const Step> pattern_;
  MemoryBudget& budget_;
  const MatchVisitor& visit_;
  std::vector<Edge> path_;
  bool full_ = false;
};

// The state of page_rank(): settled and waiting shares of the walk.
class Pusher {
 public:
  Pusher(const UserGraph& graph, const PageRankOptions& options, MemoryBudget& budget)
      : graph_(graph), options_(options), spending_(budget) {}

  Ranks run(std::span<const NodeId> seeds) {
    for (const NodeId seed : seeds) add(seed, 1.0 / static_cast<double>(seeds.size()));
    while (!queue_.empty() && !full_) {
      const NodeId node = queue_.front();
      queue_.pop_front();
      push(node);
    }
    Ranks ranks;
    ranks.complete = !full_;
    for (const auto& [node, share] : shares_) {
      if (share.settled > 0) ranks.nodes.emplace_back(node, share.settled);
    }
    std::ranges::sort(ranks.nodes, [](const auto& left, const auto& right) {
      return std::pair(right.second, left.first) < std::pair(left.second, right.first);
    });
    return ranks;
  }

 private:
  struct Share {
    double settled = 0;
    double waiting = 0;
    bool queued = false;
  };

  void add(NodeId node, double amount) {
    auto at = shares_.find(node);
    if (at == shares_.end()) {
      if (!spending_.take(kEntryBytes<std::pair<NodeId, Share>> + 2 * sizeof(NodeId))) {
        full_ = true;
        return;
      }
      at = shares_.emplace(node, Share()).first;
    }
    at->second.waiting += amount;
    if (at->second.queued || at->second.waiting < options_.precision) return;
    at->second.queued = true;
    queue_.push_back(node);
  }

  void push(NodeId node) {
    Share& share = shares_[node];
    share.queued = false;
    const std::uint64_t degree = count(node);
    if (degree == 0 || share.waiting < options_.precision * static_cast<double>(degree)) {
      if (degree == 0) share.settled += std::exchange(share.waiting, 0);
      return;
    }
    const double amount = std::exchange(share.waiting, 0);
    share.settled += options_.restart * amount;
    const double each = (1 - options_.restart) * amount / static_cast<double>(degree);
    visit(node, [&](NodeId other) { add(other, each); });
  }

  template <typename Visitor>
  void visit(NodeId node, Visitor&& visitor) {
    for (const auto direction : {UserGraph::Direction::kForward, UserGraph::Direction::kReverse}) {
      must(graph_.visit_edges(node, direction, [&](const Edge& edge) {
        visitor(direction == UserGraph::Direction::kForward ? edge.to : edge.from);
        return !full_;
      }));
    }
  }

  std::uint64_t count(NodeId node) {
    std::uint64_t edges = 0;
    visit(node, [&](NodeId) { ++edges; });
    return edges;
  }

  const UserGraph& graph_;
  const PageRankOptions& options_;
  Spending spending_;
  std::unordered_map<NodeId, Share> shares_;
  std::deque<NodeId> queue_;
  bool full_ = false;
};

std::string folded_case(std::string name) {
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return name;
}

}  // namespace

Result<Reached> reach(const UserGraph& graph, NodeId start, std::span<const Step> steps, int hops,
                      MemoryBudget& budget) {
  return guarded<Reached>([&] {
    constexpr std::size_t kBytesEach = kEntryBytes<NodeId> + 2 * sizeof(Reached::Node);
    Spending spending(budget);
    std::unordered_set<NodeId> seen = {start};
    Reached reached;
    reached.complete = spending.take(kBytesEach);
    reached.nodes.push_back({start, 0});
    for (std::size_t at = 0; at < reached.nodes.size() && reached.complete; ++at) {
      const Reached::Node from = reached.nodes[at];
      if (from.hops >= hops) break;
      for (const Step& step : steps) {
        must(graph.visit_edges(from.node, step.direction, [&](const Edge& edge) {
          const NodeId target = step.target(edge);
          if (!step.takes(edge) || seen.contains(target)) return true;
          reached.complete = spending.take(kBytesEach);
          if (!reached.complete) return false;
          seen.insert(target);
          reached.nodes.push_back({target, from.hops + 1});
          return true;
        }));
        if (!reached.complete) break;
      }
    }
    return reached;
  });
}

Result<bool> match(const UserGraph& graph, NodeId start, std::span<const Step> pattern, MemoryBudget& budget,
                   const MatchVisitor& visit) {
  return guarded<bool>([&] { return Matcher(graph, pattern, budget, visit).run(start); });
}

Result<Counts> count_ends(const UserGraph& graph, NodeId start, std::span<const Step> pattern,
                          MemoryBudget& budget) {
  return guarded<Counts>([&]() -> Result<Counts> {
    Spending spending(budget);
    std::unordered_map<NodeId, std::uint64_t> counts;
    bool fits = true;
    const Result<bool> matched = match(graph, start, pattern, budget, [&](std::span<const Edge> edges) {
      const NodeId end = edges.empty() ? start : pattern.back().target(edges.back());
      if (!counts.contains(end)) fits = spending.take(2 * kEntryBytes<std::pair<NodeId, std::uint64_t>>);
      if (fits) ++counts[end];
      return fits;
    });
    if (!matched) return matched.error();
    Counts result{{counts.begin(), counts.end()}, fits && *matched};
    std::ranges::sort(result.ends, [](const auto& left, const auto& right) {
      return std::pair(right.second, left.first) < std::pair(left.second, right.first);
    });
    return result;
  });
}

Result<Ranks> page_rank(const UserGraph& graph, std::span<const NodeId> seeds, const PageRankOptions& options,
                        MemoryBudget& budget) {
  return guarded<Ranks>([&] { return Pusher(graph, options, budget).run(seeds); });
}

Result<std::optional<std::uint64_t>> connect_matches(const UserGraph& graph, const UserPath& user,
                                                     NodeId start, std::span<const Step> pattern,
                                                     MemoryBudget& budget, WriteLease& lease) {
  return guarded<std::optional<std::uint64_t>>([&]() -> Result<std::optional<std::uint64_t>> {
    Spending spending(budget);
    std::uint64_t connected = 0;
    bool fits = true;
    const Result<bool> matched = match(graph, start, pattern, budget, [&](std::span<const Edge> edges) {
      if (edges.empty()) return false;
      fits = spending.take(2 * sizeof(Operation));  // it waits in the lease
      if (!fits) return false;
      Edge edge{EdgeType::kAbout,         start,    pattern.back().target(edges.back()),
                edges.front().valid_from, kForever, {},
                edges.back().source_turn};
      for (const Edge& part : edges) {
        edge.valid_from = std::max(edge.valid_from, part.valid_from);
        edge.valid_to = std::min(edge.valid_to, part.valid_to);
      }
      if (edge.valid_from >= edge.valid_to) return true;  // never all at once
      must(lease.add_edge(user, edge));
      ++connected;
      return true;
    });
    if (!matched) return matched.error();
    if (!fits || !*matched) return std::optional<std::uint64_t>();
    return std::optional(connected);
  });
}

Result<Duplicates> find_duplicates(const UserGraph& graph, MemoryBudget& budget) {
  return guarded<Duplicates>([&] {
    Spending spending(budget);
    std::unordered_map<std::uint64_t, Ordinal> first_of;  // by hash of the folded name
    Duplicates duplicates;
    const RecordKey first(graph.user(), Record::kEntity, 0);
    Cursor cursor(graph.transaction());
    bool more = cursor.seek(first.bytes().substr(0, RecordKey::kRecordBytes));
    for (; more && cursor.key().user() == graph.user() && cursor.key().record() == Record::kEntity;
         more = cursor.next()) {
      const Entity entity = decode_entity(cursor.key().node_id().ordinal, cursor.payload());
      const std::string name = folded_case(entity.name);
      duplicates.complete = spending.take(kEntryBytes<std::pair<std::uint64_t, Ordinal>>);
      if (!duplicates.complete) break;
      const auto [at, is_new] = first_of.emplace(hash64(name), entity.ordinal);
      if (is_new) continue;
      const Result<Entity> other = graph.entity(at->second);
      if (other && folded_case(other->name) == name)
        duplicates.pairs.emplace_back(entity.ordinal, at->second);
    }
    return duplicates;
  });
}

Result<std::uint64_t> merge_duplicates(const UserPath& user, const Duplicates& duplicates,
                                       WriteLease& lease) {
  for (const auto& [later, first] : duplicates.pairs) {
    if (const Status kept = lease.merge_entities(user, later, first); !kept) return kept.error();
  }
  return static_cast<std::uint64_t>(duplicates.pairs.size());
}

}  // namespace antiphon::context_store
