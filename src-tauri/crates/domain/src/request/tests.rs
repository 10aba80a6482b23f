use super::*;
use crate::time::DateOrder;
use rstest::rstest;

fn at(text: &str) -> Millis {
    Millis::parse(text, DateOrder::DayFirst).expect(text)
}

fn received(day: &str) -> Request {
    Request { received_at: at(day), ..Request::default() }
}

#[rstest]
#[case::an_ordinary_day("2026-03-10", "2026-04-10", None)]
#[case::the_last_of_january("2026-01-31", "2026-02-28", Some("2026-03-02"))]
#[case::the_last_of_january_in_a_leap_year("2028-01-31", "2028-02-29", None)]
#[case::the_end_of_a_longer_month("2026-08-31", "2026-09-30", None)]
#[case::over_the_end_of_a_year("2026-12-15", "2027-01-15", None)]
#[case::a_sunday("2026-10-22", "2026-11-22", Some("2026-11-23"))]
fn an_answer_is_due_on_the_same_day_of_the_next_month(
    #[case] day: &str,
    #[case] due: &str,
    #[case] monday: Option<&str>,
) {
    let deadline = received(day).deadline(at(day));
    assert_eq!((deadline.day.as_str(), deadline.law_gives_until.as_deref()), (due, monday));
}

#[rstest]
#[case::fresh("2026-03-10", Light::Green, 31)]
#[case::eight_days_left("2026-04-02", Light::Green, 8)]
#[case::a_week_left("2026-04-03", Light::Amber, 7)]
#[case::the_last_day("2026-04-10T23:59:59Z", Light::Amber, 0)]
#[case::over("2026-04-11", Light::Red, -1)]
fn the_light_turns_as_the_day_comes_near(#[case] today: &str, #[case] light: Light, #[case] left: i64) {
    let deadline = received("2026-03-10T15:00:00Z").deadline(at(today));
    assert_eq!((deadline.light, deadline.days_left), (light, left));
    let done = Request { state: State::Done, ..received("2026-03-10") };
    assert_eq!(done.deadline(at(today)).light, Light::Done);
}

#[test]
fn two_months_are_added_once_and_within_the_first() {
    let one = received("2026-11-30");
    assert!(one.deadline(at("2026-12-30")).can_extend);
    assert!(!one.deadline(at("2026-12-31")).can_extend, "the person had to be told within the month");
    let longer = Request { extended_at: Some(at("2026-12-20")), ..one };
    let deadline = longer.deadline(at("2026-12-20"));
    assert_eq!((deadline.day.as_str(), deadline.can_extend), ("2027-02-28", false));
}

#[rstest]
#[case::it_is_known_who_asks(State::Received, Step::ProveIdentity, Some(State::IdentityOk))]
#[case::nobody_approves_what_a_stranger_asks(State::Received, Step::Approve, None)]
#[case::a_stranger_is_refused(State::Received, Step::Refuse, Some(State::Refused))]
#[case::approved(State::IdentityOk, Step::Approve, Some(State::Approved))]
#[case::not_done_before_it_is_decided(State::IdentityOk, Step::Finish, None)]
#[case::done(State::Approved, Step::Finish, Some(State::Done))]
#[case::done_but_for_a_part(State::Approved, Step::FinishWithExceptions, Some(State::DoneWithExceptions))]
#[case::taken_back(State::Approved, Step::Withdraw, Some(State::Withdrawn))]
#[case::over_is_over(State::Refused, Step::Approve, None)]
fn a_request_goes_its_way(#[case] state: State, #[case] step: Step, #[case] then: Option<State>) {
    assert_eq!(state.after(step).ok(), then);
}

#[test]
fn what_is_closed_has_no_step_left_and_all_else_has_one() {
    for state in State::ALL {
        assert_eq!(state.steps().is_empty(), state.is_closed(), "{state:?}");
    }
}

#[rstest]
#[case(Ground::LegalObligation, Right::Erasure, false, true)]
#[case(Ground::LegalObligation, Right::Access, false, false)]
#[case(Ground::RightsOfOthers, Right::Access, false, true)]
#[case(Ground::CompellingGrounds, Right::Objection, false, true)]
#[case::marketing_has_no_excuse(Ground::CompellingGrounds, Right::Objection, true, false)]
#[case::marketing_in_a_dispute(Ground::LegalClaims, Right::Objection, true, false)]
#[case(Ground::Excessive, Right::Objection, true, true)]
fn a_refusal_needs_a_ground_that_fits(
    #[case] ground: Ground,
    #[case] right: Right,
    #[case] marketing: bool,
    #[case] fits: bool,
) {
    assert_eq!(ground.fits(right, marketing), fits);
}

#[test]
fn every_word_is_read_as_it_is_written() {
    assert!(Right::ALL.into_iter().all(|one| Right::parse(one.as_str()) == Some(one)));
    assert!(State::ALL.into_iter().all(|one| State::parse(one.as_str()) == Some(one)));
    assert!(Step::ALL.into_iter().all(|one| Step::parse(one.as_str()) == Some(one)));
    assert!(Ground::ALL.into_iter().all(|one| Ground::parse(one.as_str()) == Some(one)));
}
