use super::*;
use rstest::rstest;

fn finder() -> Finder {
    let mut finder = Finder::default();
    finder.own(&Names {
        names: vec!["Ana García Ruiz"],
        emails: vec!["ana@solvento.example"],
        phones: vec!["+34 612 408 177"],
        handles: vec!["@ana.g"],
    });
    let bo = Names {
        names: vec!["Bo Lindström"],
        emails: vec!["Bo@Lind.example"],
        phones: vec!["+46 70 123 45 67"],
        handles: vec!["bo_lind"],
    };
    finder.add(7, &bo);
    finder.add(8, &Names { names: vec!["Will"], ..Names::default() });
    finder.add(9, &Names { names: vec!["张伟"], ..Names::default() });
    finder.add(10, &Names { names: vec!["García Ruiz"], ..Names::default() });
    finder
}

fn masked(text: &str) -> String {
    let hits = finder().find(text);
    mask(text, &hits, |hit| match &hit.who {
        Who::Card(row) if hit.is_sure => Some(format!("[{row}]")),
        Who::Card(row) => Some(format!("[{row}?]")),
        Who::Unknown(_) => Some("[?]".to_owned()),
    })
}

#[rstest]
#[case::name("ask Bo Lindström about it", "ask [7] about it")]
#[case::without_accents("ask BO LINDSTROM", "ask [7]")]
#[case::turned_round("Lindström, Bo: yes", "[7]: yes")]
#[case::email("mail bo@LIND.example, thanks", "mail [7], thanks")]
#[case::phone("+46 70-123 45 67", "[7]")]
#[case::phone_of_the_country("call 070 123 45 67 today", "call [7] today")]
#[case::handle("he is bo_lind there", "he is [7] there")]
#[case::signs("请联系张伟先生", "请联系[9]先生")]
#[case::two_at_once("Bo Lindström <bo@lind.example>", "[7] <[7]>")]
#[case::not_over_a_line("Bo\nLindström", "Bo\nLindström")]
#[case::part_of_a_word("Bob Lindström", "Bob Lindström")]
fn everybody_with_a_card_is_found(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(masked(text), expected);
}

#[rstest]
#[case("I am Ana García Ruiz, ana@solvento.example, 612 408 177")]
#[case("Ana Garcia Ruiz")]
#[case("write to @ana.g")]
fn what_is_the_readers_own_stays(#[case] text: &str) {
    assert_eq!(masked(text), text);
}

#[test]
fn a_namesake_is_somebody_else_where_the_whole_name_is_another() {
    assert_eq!(masked("Pedro García Ruiz"), "Pedro [10]");
}

#[rstest]
#[case::single_names_are_a_question("Will said so", "[8?] said so")]
#[case::and_only_as_they_are_written("will you come", "will you come")]
#[case::unknown_email("eva@y.example", "[?]")]
#[case::unknown_phone("+1 514 555 0142", "[?]")]
#[case::account("DE89 3704 0044 0532 0130 00", "[?]")]
#[case::card("4111 1111 1111 1111", "[?]")]
fn what_is_not_certain_is_a_question(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(masked(text), expected);
}

#[rstest]
#[case("Your order 4471234567 of 2026-03-15 10:30 costs 1,250.00")]
#[case("See page 12-14, article 15(4)")]
fn ordinary_numbers_are_left_alone(#[case] text: &str) {
    assert_eq!(masked(text), text);
}

#[test]
fn a_vocabulary_lets_through_whoever_may_be_in_the_texts() {
    let mut vocabulary = Vocabulary::default();
    vocabulary.add("ask Bo about lindström, or 0046701234567, or eva@y.example");
    let may = |of: Names<'_>| vocabulary.may_name(&of);
    assert!(may(Names { names: vec!["Bo Lindström"], ..Names::default() }));
    assert!(may(Names { phones: vec!["070-1234567"], ..Names::default() }));
    assert!(may(Names { emails: vec!["EVA@y.example"], ..Names::default() }));
    assert!(!may(Names { names: vec!["Bo Ek"], emails: vec!["bo@y.example"], ..Names::default() }));
    assert!(!may(Names::default()));
}
