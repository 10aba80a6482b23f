//! What a contact *is*: the words and rules of Cardfile, and nothing else.
//!
//! No files, no network, no SQL, no clock, no randomness. Everything here is a
//! value or a pure function; whatever is needed from outside is passed in.
//!
//! # Glossary: one word, one meaning
//!
//! | Word | Meaning | Not |
//! |---|---|---|
//! | contact | a person or organization in our store; may be anonymous | user, lead, customer |
//! | item | one value of a multi-valued field: an email, a phone, an address, with its label | entry, row |
//! | external ID | the ID a remote gives to the contact; unique per remote | source ID, foreign key |
//! | remote | one configured outside system (an account, a backend, a folder) | integration, target |
//! | connector | the code that speaks to one kind of remote | adapter, plugin, driver |
//! | link | contact and external ID at a remote | mapping, relation |
//! | change | one record's difference, with author and time; kept in the change log | event, delta |
//! | patch | the fields of one change, each with its old and new value | diff |
//! | operation | one thing a person or program did; the unit of undo | action, transaction |
//! | field / custom field | an entry of the field catalogue, built in or user-defined | attribute, property |
//! | record | one contact as a file holds it, before it is one of ours | row, entry |
//! | dialect | the column layout by which a program writes its contact files | schema, template |
//! | mapping | which column of a file goes to which field | schema map |
//! | plan | what an import or a sync run intends, counted, before anything is written | preview, job |
//! | reject | a record that was not taken, with its position and the reason | error row |
//! | part | what belongs to a contact beside its fields: a note, a task, a memory, a conversation, a rating, a file | child, sub-record |
//! | identity | how well it is known who a contact is: anonymous, identified, verified | login |
//! | visitor | an anonymous contact: not counted, shown apart | lead |
//! | claims | what somebody says about who it is: ids, external IDs, emails | |
//! | space | files that belong together, on one card or on several | folder |
//! | secret | a credential of a contact, sealed; the program shows it once to who proves to hold a key | |
//! | permission / rule | what agents may look up for a contact; a rule gives it by card, tier, department or tag | ACL |
//! | agent / client | a program that asks about one person at a time, and what it may ask | bot, integration |
//! | approved field | a field that a client may read; all others are not read at all | scope |
//! | grant | that a client may see the card of one person, who was verified, for a while | session |
//! | proposal | what an agent wants to be written, until a person says yes | suggestion |
//! | knowledge base | what agents of one platform can look things up in: documents and FAQs | |
//! | view | `{query, filter, sort}`, resolved to a snapshot of rows | list, query |
//! | segment | a saved view | list, group |
//! | stage | where a contact stands in the lifecycle; set by rules, unless by hand | status |
//! | automation / automation rule | when, if, then: what the program does by itself; each run can be undone | workflow, trigger |
//! | recipe | a saved export: columns, headings, format | preset, template |
//! | duplicate | two cards that are one person; a guess until somebody says so | |
//! | merge (contacts) | two cards become one, with every value kept; unmerge is its undo | combine, dedupe |
//! | distinction | that two cards are not one person, said once and remembered | ignore list |
//! | tag | a label put by hand or rule | category |
//! | bin | hidden for 30 days, reversible | trash, soft delete |
//! | archive | hidden, reversible, without an end | delete |
//! | erasure | lawful deletion with all copies, leaving a suppression entry | delete |
//! | suppression | keyed hash that stops an erased person from coming back | blacklist |
//! | mark | one thing by which an erased person is known again: an email, a phone, an external ID | |
//! | delivery | what one recipient is told of an erasure, and what became of it | notification |
//! | consent | purpose, status, lawful basis, evidence, time; append-only | flag |
//! | purpose | what contacts are kept and used for, and why the law lets it be | reason, campaign |
//! | wording | the text of a purpose that a person said yes or no to; never changed | version |
//! | restriction | what may not be done with kept data: restricted, objected, held | block, flag |
//! | request | what a person demands of their data, in the register | ticket |
//! | retention rule | how long what is kept | cleanup |
//! | data subject | the human a contact describes, in privacy law | |
//! | third person | somebody else who stands in a data subject's texts | |
//! | bundle | the answer to an access request: one signed archive | package |
//! | disclosure | that a remote got a field of a contact, and when | |
//! | webhook | an address of another program that is told when something happens to a contact | callback |
//! | message | what one webhook is told of one thing that happened | event row |
//! | hint | a request of an outside system that only says: look here now | |
//! | drop folder | a folder of which every file is imported that is put there | hot folder |
//! | workspace | a folder with one encrypted database and all that belongs to it | vault, account |
//! | key slot | one way to the workspace's key: keychain, passphrase, recovery code | password |
//! | import / export | from / to a file, through a format | sync |
//! | pull / push | from / to a remote | import, upload |

pub mod agent;
pub mod automation;
pub mod consent;
pub mod contact;
pub mod custom;
pub mod duplicate;
pub mod email;
pub mod erasure;
pub mod field;
pub mod filter;
pub mod id;
pub mod import;
pub mod name;
pub mod part;
pub mod patch;
pub mod permission;
pub mod phone;
pub mod privacy;
pub mod request;
pub mod restriction;
pub mod retention;
pub mod schedule;
pub mod segment;
pub mod sentence;
pub mod sort;
pub mod suppression;
pub mod text;
pub mod third_party;
pub mod time;
pub mod webhook;

pub use contact::{Address, Contact, Identity, Item, Kind, Line, Link, NameParts, StageBy};
pub use custom::{CustomField, CustomKind};
pub use field::{FIELDS, Field, FieldDef};
pub use filter::Filter;
pub use id::{ContactId, Ids, OperationId};
pub use part::{Part, PartKind};
pub use patch::{Patch, TagsPatch};
pub use phone::Region;
pub use sentence::Sentence;
pub use time::{Clock, Millis};
