//! The picture of a workspace: every figure is what its filter lists.

use cardfile_core::{
    import::{self, ImportRequest},
    insights::{self, Figure},
    progress::Unwatched,
    view::{self, ViewRequest},
};
use cardfile_testkit::{Workspace, who};

#[test]
fn every_figure_is_what_its_filter_lists_within_any_other_filter() {
    let ws = Workspace::default();
    let mut people = Vec::new();
    cardfile_core::generate::write_csv(&mut people, 3_000, 4).expect("memory");
    let file = ws.file("people.csv", people);
    import::run(&ws.core, &ImportRequest::of(&file), &who(), &Unwatched).expect("an import");
    for within in ["", "source:widget", "(tag:vip or tag:lead) email:any", "name:~nobody"] {
        let all = insights::all(&ws.core, within).expect("insights");
        let listed = |filter: &str| {
            let request = ViewRequest { filter: filter.to_owned(), ..ViewRequest::default() };
            view::resolve(&ws.core, &request).expect("listed").1.len() as u32
        };
        let months = all.growth.iter().map(|month| &month.new);
        let figures = [&all.total, &all.active, &all.talked, &all.verified].into_iter().chain(months);
        let figures: Vec<&Figure> = figures.chain(&all.sources).chain(&all.stages).chain(&all.quality).collect();
        assert!(figures.len() >= 22);
        for figure in figures {
            assert_eq!(figure.count, listed(&figure.filter), "{within}: {figure:?}");
        }
        assert_eq!(
            all.sources.iter().map(|one| one.count).sum::<u32>(),
            all.total.count,
            "every card came from somewhere"
        );
        assert_eq!(all.total.count, listed(within));
        for two in all.growth.windows(2) {
            assert_eq!(two[1].at_end - two[0].at_end, two[1].new.count, "{within}, {}", two[1].month);
        }
    }
    assert!(insights::all(&ws.core, "source:").is_err());
}
