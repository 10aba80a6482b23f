//! How requests say who asks. Secrets get into headers here, and nowhere else.

use super::{
    format::{Auth, AuthKind, OAuth},
    given::Given,
    template::Template,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use cardfile_sync::run::Failure;
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

/// Under this name the token lies by which another one is asked for.
pub(super) const REFRESH_TOKEN: &str = "refresh_token";
/// Under this name lies until when the token holds, in milliseconds since 1970.
pub(super) const EXPIRES_AT: &str = "expires_at";
/// Chosen where no word stands before the token.
const NO_WORD: &str = "none";
/// So long before its end a token is changed for another.
const MARGIN_MS: i64 = 5 * 60_000;

/// Who asks. Has no `Debug`, so that no token gets into a log.
pub(super) struct Signer {
    auth: Auth,
    fields: RefCell<BTreeMap<String, String>>,
    /// The system did not take the token.
    is_stale: Cell<bool>,
    /// When the fields were last kept: nothing was changed since.
    is_new: Cell<bool>,
}

impl Signer {
    /// With everything that was filled in, secrets among it.
    pub(super) fn new(auth: &Auth, fields: &BTreeMap<String, String>) -> Self {
        let fields = RefCell::new(fields.clone());
        Self { auth: auth.clone(), fields, is_stale: Cell::new(false), is_new: Cell::new(false) }
    }

    /// Headers that say who asks.
    pub(super) fn headers(&self) -> Result<Vec<(String, String)>, Failure> {
        let fields = self.fields.borrow();
        let token = || {
            let token = self.auth.token.as_ref().and_then(|name| fields.get(name)).map(|token| token.trim());
            token.filter(|token| !token.is_empty()).ok_or(Failure::SignInNeeded)
        };
        let authorization = |value: String| vec![("Authorization".to_owned(), value)];
        Ok(match self.auth.kind {
            AuthKind::None => Vec::new(),
            AuthKind::Bearer => authorization(format!("Bearer {}", token()?)),
            AuthKind::Basic => {
                let user = self.auth.user.as_ref().and_then(|name| fields.get(name));
                let pair = format!("{}:{}", user.map(String::as_str).unwrap_or_default(), token()?);
                authorization(format!("Basic {}", STANDARD.encode(pair)))
            }
            AuthKind::Header => {
                let filled = |text: &str| {
                    let template = Template::parse(text).ok()?;
                    template.plain(&Given { config: Some(&*fields), ..Given::default() })
                };
                let name = filled(&self.auth.header).ok_or(Failure::SignInNeeded)?;
                let word = filled(&self.auth.prefix).unwrap_or_default();
                let token = token()?;
                let value = match word.trim() {
                    "" | NO_WORD => token.to_owned(),
                    word => format!("{word} {token}"),
                };
                vec![(name, value)]
            }
        })
    }

    /// The system does not take the token. Whether another can be had.
    pub(super) fn is_refused(&self) -> bool {
        let can_renew = self.can_renew();
        // One that was just got would not be taken either.
        can_renew && !self.is_new.get() && {
            self.is_stale.set(true);
            true
        }
    }

    /// Whether another token is to be asked for before anything else.
    pub(super) fn is_due(&self, now: i64) -> bool {
        let until = self.fields.borrow().get(EXPIRES_AT).and_then(|at| at.parse::<i64>().ok());
        self.can_renew() && (self.is_stale.get() || until.is_some_and(|until| until - now < MARGIN_MS))
    }

    /// How a person signs in, where that is possible.
    pub(super) fn oauth(&self) -> Option<&OAuth> {
        self.auth.oauth.as_ref()
    }

    /// The name of the token among the fields.
    pub(super) fn token_name(&self) -> &str {
        self.auth.token.as_deref().unwrap_or_default()
    }

    /// What was filled in, for who asks for another token.
    pub(super) fn fields(&self) -> BTreeMap<String, String> {
        self.fields.borrow().clone()
    }

    /// Another token was got.
    pub(super) fn renew(&self, fields: BTreeMap<String, String>) {
        self.fields.replace(fields);
        self.is_stale.set(false);
        self.is_new.set(true);
    }

    /// A request was answered: the token is one.
    pub(super) fn is_taken(&self) {
        self.is_new.set(false);
    }

    fn can_renew(&self) -> bool {
        self.auth.oauth.is_some() && self.fields.borrow().get(REFRESH_TOKEN).is_some_and(|token| !token.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn auth(kind: AuthKind) -> Auth {
        Auth {
            kind,
            token: Some("token".into()),
            user: Some("user".into()),
            header: "{config.header}".into(),
            prefix: "Api-Key".into(),
            oauth: None,
        }
    }

    fn fields(all: &[(&str, &str)]) -> BTreeMap<String, String> {
        all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[rstest]
    #[case::none(AuthKind::None, None)]
    #[case::bearer(AuthKind::Bearer, Some(("Authorization", "Bearer s3")))]
    #[case::basic(AuthKind::Basic, Some(("Authorization", "Basic YW5hOnMz")))]
    #[case::header(AuthKind::Header, Some(("X-Key", "Api-Key s3")))]
    fn a_token_stands_in_a_header(#[case] kind: AuthKind, #[case] expected: Option<(&str, &str)>) {
        let signer = Signer::new(&auth(kind), &fields(&[("token", " s3 "), ("user", "ana"), ("header", "X-Key")]));
        let expected: Vec<(String, String)> =
            expected.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        assert_eq!(signer.headers(), Ok(expected));
    }

    #[test]
    fn without_a_token_nobody_asks() {
        let signer = Signer::new(&auth(AuthKind::Bearer), &fields(&[("token", " ")]));
        assert_eq!(signer.headers(), Err(Failure::SignInNeeded));
    }

    #[test]
    fn a_token_is_changed_before_it_ends_and_when_it_is_refused_and_once() {
        let oauth = OAuth {
            authorize: String::new(),
            token: String::new(),
            scopes: Vec::new(),
            client_id: "client_id".into(),
            client_secret: None,
        };
        let auth = Auth { oauth: Some(oauth), ..auth(AuthKind::Bearer) };
        let given = fields(&[("token", "a"), (REFRESH_TOKEN, "r"), (EXPIRES_AT, "1000000")]);
        let signer = Signer::new(&auth, &given);
        assert!(!signer.is_due(0) && signer.is_due(900_000));
        assert!(signer.is_refused() && signer.is_due(0));
        signer.renew(fields(&[("token", "b"), (REFRESH_TOKEN, "r2"), (EXPIRES_AT, "9000000")]));
        assert!(!signer.is_due(0));
        assert!(!signer.is_refused(), "a new token that is refused is not changed again");
        signer.is_taken();
        assert!(signer.is_refused());
    }
}
