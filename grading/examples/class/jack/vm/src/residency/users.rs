//! The pages that hold one content.
//!
//! Mostly there is one, or one for each of a few processes. But a program can map a page of a file
//! thousands of times, and then an end of one mapping must not look through all of them.
//!
//! # Invariants
//! No page is there twice. Adding and removing one takes the same time however many there are: beyond
//! [`FEW`] it is known at which place each is. Their order depends on nothing but what was added and
//! removed.

use std::collections::HashMap;
use std::ops::Deref;

use smallvec::{SmallVec, smallvec};

use crate::ids::User;

/// So many are looked through faster than looked up.
pub(crate) const FEW: usize = 32;

/// Some pages, at least one while their content lives.
#[derive(Debug)]
pub(crate) struct Users {
    list: SmallVec<[User; 1]>,
    /// Where in the list each is, since there have been more than a few.
    places: Option<HashMap<User, usize>>,
}

impl Users {
    /// One page alone.
    pub fn one(user: User) -> Users {
        Users {
            list: smallvec![user],
            places: None,
        }
    }

    /// Adds a page that is not there.
    pub fn add(&mut self, user: User) {
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

    /// Takes out a page that is there; the last one gets its place.
    pub fn remove(&mut self, user: User) {
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
        /// Against a list that is looked through.
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
