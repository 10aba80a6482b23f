//! The address of a database as a person types it: `db.example.com/team`, or a whole
//! `postgresql://` address. It holds no password, because it is kept in clear.

use crate::Account;
use cardfile_sync::run::Failure;
use std::{error::Error as _, net::IpAddr, time::Duration};
use tokio_postgres::{
    Config,
    config::{Host, SslMode, TargetSessionAttrs},
};

/// The database where the address names none.
const DATABASE: &str = "cardfile";
/// Until a connection is there.
const CONNECT_LIMIT: Duration = Duration::from_secs(20);
/// Reads the database by time, whatever it is.
const BY_TIME: &str = "feed=time";

/// Where a database is and who signs in. Has no `Debug`, as the account has none.
pub(super) struct Address {
    pub(super) config: Config,
    /// With a server whose certificate the system trusts.
    pub(super) is_encrypted: bool,
    /// It is read by time, even if it could be read in order.
    pub(super) by_time: bool,
}

impl Address {
    /// Encrypts all that leaves this computer, unless the address says `sslmode=disable`. A
    /// server that cannot is refused: no password goes to whoever answers first.
    pub(super) fn of(account: &Account) -> Result<Self, Failure> {
        let typed = account.url.trim();
        let whole = if typed.contains("://") { typed.to_owned() } else { format!("postgresql://{typed}") };
        let (start, query) = whole.split_once('?').unwrap_or((&whole, ""));
        if !start.starts_with("postgresql://") && !start.starts_with("postgres://") {
            return Err(Failure::Refused("the address of a database begins with postgresql://".into()));
        }
        let (ours, settings): (Vec<&str>, Vec<&str>) =
            query.split('&').filter(|setting| !setting.is_empty()).partition(|setting| *setting == BY_TIME);
        let settings: Vec<&str> = settings.into_iter().map(verified).collect();
        let mut config = match format!("{start}?{}", settings.join("&")).parse::<Config>() {
            Ok(config) => config,
            Err(error) => {
                let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
                return Err(Failure::Refused(format!("the address cannot be used: {cause}")));
            }
        };
        if config.get_password().is_some() {
            return Err(Failure::Refused("the password belongs into its own field, not into the address".into()));
        }
        if !account.user.is_empty() {
            config.user(account.user.as_str());
        }
        if config.get_user().is_none() {
            return Err(Failure::SignInNeeded);
        }
        if !account.password.is_empty() {
            config.password(&account.password);
        }
        if config.get_dbname().is_none() {
            config.dbname(DATABASE);
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_LIMIT);
        }
        if config.get_hosts().len() > 1 {
            // Of several the one that is written to: the others lag behind.
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        config.application_name("Cardfile");
        let is_encrypted = match config.get_ssl_mode() {
            SslMode::Disable => false,
            SslMode::Require => true,
            _ => !is_this_computer(&config),
        };
        config.ssl_mode(if is_encrypted { SslMode::Require } else { SslMode::Disable });
        Ok(Self { config, is_encrypted, by_time: !ours.is_empty() })
    }
}

/// Other programs have words for looking at the certificate. Here it always is looked at.
fn verified(setting: &str) -> &str {
    match setting {
        "sslmode=verify-ca" | "sslmode=verify-full" => "sslmode=require",
        other => other,
    }
}

fn is_this_computer(config: &Config) -> bool {
    let is_near = |host: &Host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    };
    // The number of an address goes before its name.
    match config.get_hostaddrs() {
        [] => config.get_hosts().iter().all(is_near),
        addresses => addresses.iter().all(IpAddr::is_loopback),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn address(url: &str) -> Result<Address, Failure> {
        Address::of(&Account { url: url.into(), user: "ana".into(), password: "secret".into() })
    }

    #[rstest]
    #[case::far_away("db.example.com", true)]
    #[case::by_number("10.0.0.5:5433/team", true)]
    #[case::this_computer("localhost", false)]
    #[case::loopback("127.0.0.1:5433/team", false)]
    #[case::loopback_of_version_6("postgresql://[::1]/team", false)]
    #[case::a_socket("postgresql:///team?host=/run/postgresql", false)]
    #[case::one_of_several_is_far("localhost,db.example.com", true)]
    #[case::a_name_is_not_believed("postgresql://localhost/team?hostaddr=10.0.0.5", true)]
    #[case::asked_for("localhost?sslmode=require", true)]
    #[case::asked_for_in_other_words("db.example.com?sslmode=verify-full", true)]
    #[case::preferred_is_not_enough("db.example.com?sslmode=prefer", true)]
    #[case::switched_off("db.example.com?sslmode=disable", false)]
    fn what_leaves_this_computer_is_encrypted(#[case] url: &str, #[case] expected: bool) {
        let address = address(url).expect("an address");
        assert_eq!(address.is_encrypted, expected);
        let mode = if expected { SslMode::Require } else { SslMode::Disable };
        assert_eq!(address.config.get_ssl_mode(), mode, "nothing is left to the server");
    }

    #[rstest]
    #[case::named("db.example.com/team", "team")]
    #[case::not_named("db.example.com", DATABASE)]
    #[case::settings_alone("db.example.com?feed=time", DATABASE)]
    fn a_database_has_a_name(#[case] url: &str, #[case] database: &str) {
        let address = address(url).expect("an address");
        assert_eq!(address.config.get_dbname(), Some(database));
        assert_eq!(address.config.get_user(), Some("ana"));
        assert_eq!(address.by_time, url.contains(BY_TIME));
    }

    #[rstest]
    #[case::another_scheme("https://db.example.com", "begins with postgresql://")]
    #[case::a_password("postgresql://ana:secret@db.example.com", "its own field")]
    #[case::an_unknown_setting("db.example.com?color=red", "color")]
    fn an_address_that_cannot_be_used_says_why(#[case] url: &str, #[case] expected: &str) {
        let Err(Failure::Refused(said)) = address(url) else { panic!("{url} is refused") };
        assert!(said.contains(expected) && !said.contains("secret"), "{said}");
    }

    #[test]
    fn somebody_signs_in() {
        let account = Account { url: "db.example.com".into(), user: String::new(), password: String::new() };
        assert_eq!(Address::of(&account).err(), Some(Failure::SignInNeeded));
    }
}
