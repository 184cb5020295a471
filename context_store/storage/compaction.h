#pragma once

#include "context_store/graph_types.h"
#include "context_store/storage/environment.h"
#include "context_store/storage/store_folder.h"

namespace antiphon::context_store {

// Writes all blocks of a store into a new table, and those of conversations that have been closed since
// `closed_before` into a new cold segment. Block by block, not page by page: a copied page would bring along
// what was deleted from it.
//
// What is cold is decided for each user by one number: the last turn before the first turn of an open
// session. Cold are the texts, edges and vectors of turns up to it, and the blocks of long lists that hold
// nothing from behind it. Names, entities and facts stay in the table: they are looked up and superseded.
//
// Memory: the blocks of one transaction (64 MiB).
// Errors: StoreFault, std::runtime_error; what was written is then worth nothing.
void copy_store(const Environment& from, const StoreFolder& folder, std::size_t map_bytes_max,
                Timestamp closed_before);

// Where the table says that its cold blocks lie; none: it has none.
std::optional<ColdReference> cold_reference(const Environment& environment);

}  // namespace antiphon::context_store
