//! What somebody wants otherwise of a client, put on what it is by now. What they left as they had
//! seen it stays as others said meanwhile, and what those took back does not return.

use cardfile_domain::agent::{ActionGrant, AgentClient};

/// A client as it is by now, with all that is wanted otherwise than it was seen.
pub(super) fn onto(now: &AgentClient, seen: &AgentClient, wanted: &AgentClient) -> AgentClient {
    AgentClient {
        name: one(&now.name, &seen.name, &wanted.name),
        sort: one(&now.sort, &seen.sort, &wanted.sort),
        fields: each(&now.fields, &seen.fields, &wanted.fields),
        tools: each(&now.tools, &seen.tools, &wanted.tools),
        purpose: one(&now.purpose, &seen.purpose, &wanted.purpose),
        actions: actions(&now.actions, &seen.actions, &wanted.actions),
        per_minute: one(&now.per_minute, &seen.per_minute, &wanted.per_minute),
        grant_minutes: one(&now.grant_minutes, &seen.grant_minutes, &wanted.grant_minutes),
        expires_at: one(&now.expires_at, &seen.expires_at, &wanted.expires_at),
        ..now.clone()
    }
}

fn one<T: PartialEq + Clone>(now: &T, seen: &T, wanted: &T) -> T {
    if wanted == seen { now.clone() } else { wanted.clone() }
}

/// The same of a list, one by one.
fn each<T: PartialEq + Clone>(now: &[T], seen: &[T], wanted: &[T]) -> Vec<T> {
    let stays = now.iter().filter(|one| !seen.contains(one) || wanted.contains(one));
    let comes = wanted.iter().filter(|one| !seen.contains(one) && !now.contains(one));
    stays.chain(comes).cloned().collect()
}

/// The same of actions, each known by its tool. One that somebody took away stays away, whatever was
/// to be otherwise of it.
fn actions(now: &[ActionGrant], seen: &[ActionGrant], wanted: &[ActionGrant]) -> Vec<ActionGrant> {
    let stays = now.iter().filter_map(|now| match (of(seen, now), of(wanted, now)) {
        (Some(seen), Some(wanted)) => Some(action(now, seen, wanted)),
        (Some(_), None) => None,
        (None, Some(wanted)) => Some(wanted.clone()),
        (None, None) => Some(now.clone()),
    });
    let comes = wanted.iter().filter(|one| of(seen, one).is_none() && of(now, one).is_none());
    stays.chain(comes.cloned()).collect()
}

fn of<'a>(all: &'a [ActionGrant], one: &ActionGrant) -> Option<&'a ActionGrant> {
    all.iter().find(|other| other.tool == one.tool)
}

fn action(now: &ActionGrant, seen: &ActionGrant, wanted: &ActionGrant) -> ActionGrant {
    ActionGrant {
        tool: now.tool.clone(),
        fields: each(&now.fields, &seen.fields, &wanted.fields),
        purpose: one(&now.purpose, &seen.purpose, &wanted.purpose),
        expires_at: one(&now.expires_at, &seen.expires_at, &wanted.expires_at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cardfile_domain::Millis;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn what_is_not_wanted_otherwise_stays_and_what_was_taken_back_does_not_return() {
        for (now, seen, wanted, is) in [
            ("a b", "a b", "a b c", "a b c"),
            ("a", "a b", "a b c", "a c"),
            ("a b d", "a b", "b", "b d"),
            ("a b c", "a b", "a b c", "a b c"),
            ("", "a", "a", ""),
        ] {
            assert_eq!(each(&words(now), &words(seen), &words(wanted)), words(is), "{now}, {seen}, {wanted}");
        }
        assert_eq!((one(&2, &1, &1), one(&2, &1, &3)), (2, 3));
    }

    #[test]
    fn an_action_that_was_taken_away_stays_away_and_one_that_was_narrowed_stays_narrow() {
        let grant = |tool: &str, fields: &str| ActionGrant {
            tool: tool.into(),
            fields: words(fields),
            ..ActionGrant::default()
        };
        let until = |grant: ActionGrant| ActionGrant { expires_at: Some(Millis(1)), ..grant };
        let seen = [grant("refund", "name email"), grant("ship", "address"), grant("call", "phone")];
        let now = [grant("refund", "name"), grant("call", "phone")];
        let wanted = [until(grant("refund", "name email")), until(grant("ship", "address")), grant("mail", "email")];
        assert_eq!(actions(&now, &seen, &wanted), [until(grant("refund", "name")), grant("mail", "email")]);
    }
}
