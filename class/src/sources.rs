//! Source files by their path in the tree.

use std::collections::BTreeMap;

/// Files by their path from the root of the tree, with `/` between names, as in `vm/src/pager/evict.rs`.
pub type Sources = BTreeMap<String, Vec<u8>>;
