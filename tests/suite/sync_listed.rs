//! What a feed says of records, and what is believed of it.

use crate::sync_shared_scene::{ID, KEY, There, kept, record, run, with_a_tag, write};
use cardfile_store::{Fate, PairRow};
use cardfile_sync::pair::Pair;
use cardfile_testkit::Workspace;
use rstest::rstest;

/// A feed may lag behind, and say the same twice.
#[test]
fn a_record_that_is_known_to_be_gone_is_read_before_it_is_believed_however_often_it_is_named() {
    for times in [1, 2, 3] {
        let ws = Workspace::default();
        let own = write(&ws, |tx| {
            let own = tx.put_remote(&kept("carddav", "own"))?;
            tx.put_tombstone(own, KEY)?;
            Ok(own)
        });
        let mut there = There { record: None, listed: vec![record(2, &[]); times] };
        run(&ws, own, &mut there, None, |_| {});
        assert_eq!(ws.count(), 0, "named {times} times");
        there.record = Some(record(2, &[]));
        run(&ws, own, &mut there, None, |_| {});
        assert_eq!(ws.count(), 1, "it is there again");
    }
}

/// What was set aside of a record has its words; once it is known whose they are, and that may be
/// somebody who was erased, they are not kept there any more.
#[rstest]
#[case::perhaps_made(None, Fate::None)]
#[case::of_somebody_erased(Some("r0"), Fate::Erased)]
fn a_record_that_was_set_aside_is_so_no_more_once_it_is_found_by_its_id(#[case] key: Option<&str>, #[case] fate: Fate) {
    let ws = Workspace::default();
    let key = key.map(str::to_owned);
    let own = write(&ws, |tx| {
        let own = tx.put_remote(&kept("carddav", "own"))?;
        let contact = if fate == Fate::None { Some(tx.insert(with_a_tag())?) } else { None };
        let state = serde_json::to_string(&Pair { key: key.clone(), ..Pair::default() }).expect("JSON");
        let external_id = Some(ID.to_owned());
        tx.put_pair(&PairRow { remote: own, contact, external_id, key, state, fate, ..PairRow::default() })?;
        tx.set_quarantine(own, KEY, Some(("no version", "FN:Ana")))?;
        Ok(own)
    });
    let before = ws.count();
    let mut there = There { record: Some(record(2, &["vip"])), listed: vec![record(2, &["vip"])] };
    run(&ws, own, &mut there, None, |_| {});
    let aside = ws.core.store().read(|r| r.pairs().in_quarantine(own, KEY)).expect("readable");
    assert_eq!((aside, ws.count()), (None, before));
}
