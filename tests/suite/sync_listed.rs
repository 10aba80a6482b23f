//! What a feed says of records, and what is believed of it.

use crate::sync_shared_scene::{KEY, There, kept, record, run, write};
use cardfile_testkit::Workspace;

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
