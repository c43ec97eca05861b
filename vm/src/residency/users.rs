//! The pages that hold one content: its reverse map.
//!
//! Usually there is one, or one for each of a few processes. But a program can map a page of a file
//! thousands of times, and the end of one mapping must not search all of them.
//!
//! # Invariants
//! No page is listed twice. Adding and removing take constant time: beyond [`FEW`] users, an index
//! knows the position of each. Their order depends only on what was added and removed, and not on
//! the order of a hash table.

use std::collections::HashMap;
use std::ops::Deref;

use smallvec::{SmallVec, smallvec};

use crate::ids::User;

/// Up to this number, a linear search is faster than a hash table.
pub(crate) const FEW: usize = 32;

/// Some pages, at least one while their content lives.
#[derive(Debug)]
pub(crate) struct Users {
    list: SmallVec<[User; 1]>,
    /// The position of each in the list, once there have been more than [`FEW`].
    places: Option<HashMap<User, usize>>,
}

impl Users {
    /// Creates a list with one page.
    pub(super) fn one(user: User) -> Users {
        Users {
            list: smallvec![user],
            places: None,
        }
    }

    /// Adds a page that is not in the list.
    pub(super) fn add(&mut self, user: User) {
        debug_assert!(self.place(user).is_none(), "{user:?} is there");
        self.list.push(user);
        match &mut self.places {
            Some(places) => {
                places.insert(user, self.list.len() - 1);
            }
            None if self.list.len() > FEW => {
                let places = self.list.iter().copied().zip(0..).collect();
                self.places = Some(places);
            }
            None => {}
        }
    }

    /// Removes a page that is in the list; the last one takes its position.
    pub(super) fn remove(&mut self, user: User) {
        let at = self.place(user).expect("a user that is removed is one");
        self.list.swap_remove(at);
        if let Some(places) = &mut self.places {
            places.remove(&user);
            if let Some(moved) = self.list.get(at) {
                places.insert(*moved, at);
            }
        }
    }

    fn place(&self, user: User) -> Option<usize> {
        match &self.places {
            Some(places) => places.get(&user).copied(),
            None => self.list.iter().position(|one| *one == user),
        }
    }
}

impl Deref for Users {
    type Target = [User];

    fn deref(&self) -> &[User] {
        &self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SpaceId;
    use machine::addr::Page;
    use proptest::prelude::*;

    fn user(number: u32) -> User {
        User {
            space: SpaceId(number % 3),
            page: Page::new(number / 3),
        }
    }

    proptest! {
        /// Compares with a list that is searched.
        #[test]
        fn users_are_those_added_and_not_removed_in_an_order_of_their_own(
            steps in prop::collection::vec(0..150u32, 1..600)
        ) {
            let mut users = Users::one(user(1000));
            let mut model = vec![user(1000)];
            for number in steps {
                let user = user(number);
                match model.iter().position(|one| *one == user) {
                    Some(at) => {
                        users.remove(user);
                        model.swap_remove(at);
                    }
                    None => {
                        users.add(user);
                        model.push(user);
                    }
                }
                prop_assert_eq!(&users[..], &model[..]);
            }
        }
    }
}
