### Every sentence that a person reads, in Fluent (projectfluent.org).
###
### A message's own tags stay; values are escaped. Outside tags write “ and ” for quotation marks. Numbers of the policy and { $app } can be
### used in any message, and { $contact }, whom to ask. Functions: DURATION($ms), ABOUT($seconds), TIME($at, style: "clock", "exact", "day" or "short"), OR($list).
### After a change: npx vitest run test/web/catalogue -u

# The BCP 47 tag of this language, for Intl and the page's lang.
language-tag = en-GB

## Parts of every page

page-title = { $title } – { $app }
page-title-error = Error: { $title } – { $app }
# A text that an earlier version stored in a session.
plain = { $text }
cancel = Cancel
to-account = Back to your account
steps = Steps
step-done = done
step-password = Password
step-sign-in = Sign-in
step-code = Code from your app
step-app = Authenticator app
step-recovery-codes = Recovery codes
step-recovery-code = Recovery code
contact-link = <a href="{ $href }">{ $address }</a>
contact-text = { $address }
contact-unknown = the people who run this site
demo-authenticator = No phone at hand? The <a href="{ $href }" target="_blank">demo authenticator</a> (new tab) shows the codes.

verify-refused = Not signed in, or not as this page asks.

## Sign-in

login-title = Sign in
login-username = Username
login-password = Password
login-continue = Continue
login-demo = Demo account: <code>{ $username }</code>, password <code>{ $password }</code>
login-lost-phone = Lost your phone? Enter your password, then a recovery code.
login-forgotten = Forgotten your password? Contact { $contact }.
login-sign-up = No account yet? <a href="{ $href }">Create an account</a>
login-refused = That username and password don’t match.
login-refused-advice = Check both, capital letters too.
login-wait = Until then even the right password is not checked. Meanwhile, check Caps Lock and the spelling of your username.
login-wait-over = You can try again now.
password-show = Show
password-hide = Hide
password-show-name = Show { $field }
password-hide-name = Hide { $field }
password-shown = { $field } is shown.
password-hidden = { $field } is hidden.

## One-time links

link-invitation-title = Choose your password
link-invitation-lead = You have an account at { $app }. Your username is <b>{ $username }</b>.
link-password-title = Choose a new password
link-password-lead = For <b>{ $username }</b> at { $app }. Your old password works until you choose a new one.
link-reset-title = Set up your second step again
link-reset-lead = For <b>{ $username }</b> at { $app }. The link alone opens nothing: enter your password too.
link-save = Save and continue
link-wait = Until then even the right password is not checked.
link-other = This browser is signed in as <b>{ $username }</b>. Continue, and { $username } is signed out here.
link-next-set-up = Next: set up an app that shows your codes. It takes two minutes.
link-next-code = Next: a code from your app. A new password signs you out everywhere else.
link-used-title = This link was used
link-used = Each link works once. Was it you? Then go on by signing in. If it was not, tell { $contact }.
link-ended-title = This link no longer works
link-ended = A newer link, or a change of your account, has ended it. Need a new one? Contact { $contact }.
link-expired-title = This link has expired
link-expired = For a new one, contact { $contact }.
link-unknown-title = This link does not exist
link-unknown = Check that the address is complete. If it is, contact { $contact } for a new link.
link-sign-in = Go to the sign-in page
link-go-on = Continue
link-needed-title = Open your link
link-needed = The second step of <b>{ $username }</b> was reset. To set it up again, open the link that you were given.
link-needed-none = No link, or has it expired? Contact { $contact }.

## Waiting

wait = You can try again in <strong data-remaining>{ DURATION($ms) }</strong>, at { TIME($until, style: "exact") }.
wait-left = <span data-time></span> left
too-many-tries = Too many tries. Wait { DURATION($wait) }, then try again.
too-many-codes = Too many wrong codes.
locked-wait = Too many wrong codes: wait { DURATION($ms) }
locked-unchecked = Until then even a right code is not checked.
locked-not-yours-site = Were those codes not yours? Tell { $contact }: somebody may have got into your sign-in.
locked-not-yours = Were those codes not yours? Tell { $contact }: somebody may know your password.
locked-over = You can enter a code now.
locked-over-late = You can sign in again now.
locked-ends-first = This sign-in ends at { TIME($at, style: "clock") }, before the wait is over. Sign in again after that.
locked-title = This account is locked
locked-until-unlocked = Too many wrong codes were sent for <b>{ $username }</b>. Only { $contact } can unlock it.
locked-to-sign-in = Back to sign-in

## Refused codes

not-a-code = A code is six digits.
not-a-code-advice = Type the one that your app shows now. This try did not count.
not-a-recovery-code = A recovery code is 17 letters and digits, in four groups.
not-a-recovery-code-advice = Type one from your recovery codes. This try did not count.
nothing-counted = This try did not count, and no recovery code was used.
recovery-code-for-code = That looks like a recovery code. This field takes the six digits from your app.
recovery-code-for-code-link = Use a recovery code
recovery-code-for-code-below = That looks like a recovery code.
recovery-code-for-code-below-advice = Type it into the field for recovery codes and leave the other one empty. This try did not count.
code-for-recovery-code = That looks like a code from your app. This field takes a recovery code.
code-for-recovery-code-link = Use a code from your app
code-for-recovery-code-above = That looks like a code from your app.
code-for-recovery-code-above-advice = Type it into the field for that code. This try did not count.
code-for-copy-advice = It has 17 letters and digits, in four groups. This try did not count.
code-wrong = That code was not accepted.
code-wrong-advice = Wait for your app’s next code and type that one.
code-used = That code, or a newer one, was used already.
code-used-wait = Wait { DURATION($wait) } for the next one.
code-used-clock = Type the code that your app shows now. If it is refused too, contact { $contact }: a clock was wrong.
code-earlier-step = That code expired { ABOUT($seconds) } ago.
code-earlier-step-advice = If your app shows it now, your phone’s clock is slow: turn on automatic date and time.
code-earlier-step-zone = If your app shows it now, your phone’s clock is slow: turn on automatic date, time and time zone.
code-later-step = That code is from { ABOUT($seconds) } in the future.
code-later-step-advice = Your phone’s clock is fast: turn on automatic date and time, then type the next code.
code-later-step-zone = Your phone’s clock is fast: turn on automatic date, time and time zone, then type the next code.
code-other-algorithm = Your app makes its codes with { $algorithm }; this site uses SHA-1.
code-other-digits = Your app shows codes of { $digits } digits; this site uses 6.
code-other-period = Your app makes a new code every { $period } seconds; this site every 30.
code-counter-based = The entry in your app counts its codes instead of following the time.
code-add-again = Delete the entry in your app and scan the QR code again.
code-earlier-qr = That code belongs to an earlier QR code.
code-earlier-qr-advice = Delete the entry <b>{ $label }</b> in your app, then add the one that this page shows.
code-other-authenticator = That is a code of <b>{ $name }</b>, which is set up already.
code-other-authenticator-advice = Type the code of the new entry. The one that you typed is used up.
code-set-up-elsewhere = Another browser has just set up an app for this account.
code-set-up-elsewhere-advice = Use the code from that app.
code-wrong-pair = Those two codes were not accepted.
code-wrong-pair-advice = Type the code that your app shows, wait until it changes, and type the next one.
recovery-code-typo = There is a typing mistake in that code.
recovery-code-typo-advice = Type it again, character by character.
recovery-code-unknown = That is a recovery code, but not one of this account’s.
recovery-code-unknown-advice = Is it for another account or site?
recovery-code-used = That code was used already: { TIME($at, style: "short") }.
recovery-code-used-before = That code was used already.
recovery-code-used-advice = Each works once. Type another one.
recovery-code-replaced = That code is of an older set, replaced on { TIME($at, style: "day") }.
recovery-code-replaced-before = That code is of an older set.
recovery-code-replaced-advice = Use the newer set.

## Names of apps

name-empty = Give it a name, such as the phone or the app that it is on.
name-too-long = That name is too long.
name-too-long-advice = A name has at most { $maxName } characters.
name-taken = You have another app with that name.

## Set-up and code

set-up-title = Set up your authenticator app
set-up-lead = From now on, signing in takes your password and a six-digit code from an app. Set-up takes two minutes.
set-up-lead-site = From now on, signing in takes a six-digit code from an app too. Set-up takes two minutes.
set-up-add = Add your account to the app
set-up-scan = Tap <b>+</b> in the app and scan the QR code. Is the app on this computer?
set-up-open = The app opens and adds your account by itself.
set-up-link = Open in my authenticator app
set-up-other-ways = Other ways to add it
set-up-show-qr = My app is on another device: show a QR code
set-up-confirm = Enter the code it shows
set-up-code = Code for { $entry }
set-up-continue = Confirm and continue
set-up-next = Next: { $recoveryCodes } recovery codes, shown once. Have a printer, a pen or a password manager ready.
set-up-until = Finish by { TIME($at, style: "clock") }; then this QR code expires and you get a new one.
set-up-again = Show the QR code and the key again
qr-name = QR code that adds this account to an authenticator app. Without a camera, use the link or the key on this page.
key-instead = Type a key instead
key-copy = Copy the key
key-settings = Call the entry <b>{ $entry }</b>. If the app asks: time-based, SHA-1, 6 digits, 30 seconds.
copy-done = Copied
copy-failed = Your browser did not allow that. The text is selected: copy it with Ctrl+C, or press and hold it.
apps-none = I have no app yet
apps-what = An authenticator app shows a new six-digit code every 30 seconds, even offline. Any will do; many password managers have one built in. Links open in a new tab.
apps-apple = <b>iPhone, iPad, Mac:</b> you have one: <a href="{ $href }" target="_blank" rel="noopener noreferrer">Passwords</a>
apps-android = <b>Android:</b> { OR($apps) }
apps-computer = <b>Windows, Linux:</b> { OR($apps) }
apps-work = <b>At work:</b> { OR($apps) }
apps-link = <a href="{ $href }" target="_blank" rel="noopener noreferrer" translate="no">{ $name }</a>

code-title = Enter your code
code-heading = Enter the code from your app
code-entry = Look for <b>{ $entry }</b>.
code-entry-named = In <b>{ $name }</b>, look for <b>{ $entry }</b>.
code-entries = Look for one of these:
code-entries-one = <b>{ $entry }</b>
code-entries-named = <b>{ $entry }</b> in <b>{ $name }</b>
code-hint = Six digits, new every 30 seconds.
code-clock = Our clock says <b>{ TIME($at, style: "exact") }</b>. Your phone’s should be within half a minute of it.
code-skip = Skip the code on this browser for { DURATION($time) }
code-skip-warning = Only on a device of your own: your password alone would open your account here.
code-skip-warning-site = Only on a device of your own: this site’s own sign-in alone would open your account here.
code-sign-in = Sign in
code-two-in-a-row = <a href="{ $href }">Enter two codes in a row</a> instead: that works even if your phone’s clock is off.
code-recovery = <a href="{ $href }">Use a recovery code</a> instead
code-trouble = I can’t use my app
code-trouble-refused = <b>Code refused?</b> Wait for the next one. If that is refused too, turn on automatic date and time on your phone. Our clock says <b>{ TIME($at, style: "exact") }</b>.
code-trouble-nothing = <b>No recovery codes either?</b> Contact { $contact }: they can reset your second step.
code-until = You have until { TIME($at, style: "clock") } to enter a code.
code-again = Enter a code
signed-in-already = You are signed in.

two-codes-title = Enter two codes in a row
two-codes-lead = They tell us how far off your phone’s clock is, up to { DURATION($clockSearch) }.
two-codes-first = The code that your app shows now
two-codes-first-hint = Six digits. Then wait for the next one.
two-codes-second = The next code
two-codes-second-hint = It appears within 30 seconds.
two-codes-refused = Both codes are six digits.
two-codes-refused-advice = Type the one that your app shows, then the one after it. This try did not count.
two-codes-one = <a href="{ $href }">Enter one code</a> instead
two-codes-again = Enter two codes

app-add-title = Add another app
app-add-lead = With a second app, on a computer or an old phone, losing one does not cost a recovery code.
app-add = Add this app
app-confirm = Name it, and enter its code
app-replace-title = Replace your app
app-replace-lead = Your old app keeps working until the new one has shown a right code.
app-replace-lead-named = <b>{ $name }</b> keeps working until the new app has shown a right code.
app-replace = Replace the old app
app-name = Name (optional)
app-unnamed = Authenticator app
app-name-hint = To tell it apart, for example Pixel 9.
app-consequence = This signs you out everywhere else, and every browser asks for a code again. Your recovery codes stay valid.
app-added = Codes from <b>{ $entry }</b> sign you in from now on. You are signed out everywhere else, and every browser asks for a code again.
app-replaced = Codes from <b>{ $old }</b> no longer work: delete that entry. You are signed out everywhere else, and every browser asks for a code again.
app-sent-before = That form was sent before, or has expired. Nothing was changed now.
app-replaced-gone = The app that you wanted to replace was removed already.
app-full =
    { $maxAuthenticators ->
        [one] An account has at most { $maxAuthenticators } app. Replace it.
       *[other] An account has at most { $maxAuthenticators } apps. Remove or replace one.
    }


## Recovery codes

codes-title = Save your recovery codes
codes-lead = <b>Shown only now.</b> If you lose your phone, one of these and your password let you in. Keep them away from your phone.
codes-older = The codes of set { $set } no longer work. Destroy that copy.
codes-for = Recovery codes for { $username } at { $app }
codes-facts = Set { $set }, { TIME($at, style: "day") }, { $host }
codes-lead-site = <b>Shown only now.</b> If you lose your phone, one of these lets you in after this site’s own sign-in. Keep them away from your phone.
codes-paper-site = <b>When your phone is lost:</b> sign in at { $address } as ever, choose “Use a recovery code”, and type one of these. Each works once: tick its box when it is spent. A newer set replaces these. Nobody will ever ask you for them.
codes-paper = <b>When your phone is lost:</b> open { $address }, enter your password, choose “Use a recovery code”, and type one of these. Each works once: tick its box when it is spent. A newer set replaces these. Nobody will ever ask you for them.
codes-download = Download
codes-print = Print
codes-print-yourself = To print them, use your browser’s own Print.
codes-copy = Copy
codes-file-name = recovery codes
codes-file-use-site = When your phone is lost: sign in at { $address } as ever, choose “Use a recovery code”, and type one of these.
codes-file-use = When your phone is lost: open { $address }, enter your password, choose “Use a recovery code”, and type one of these.
codes-file-once = Each works once: cross it out when it is spent. A newer set replaces these.
codes-file-safe = Keep them away from your phone, where nobody else can read them. Nobody will ever ask you for them.
codes-check = Check your copy
codes-check-any = Type any one of the codes
codes-check-hint = From your paper or file. It stays unused.
codes-check-finish = Check and finish
codes-check-later = Check later
codes-check-set = Your current set is <b>set { $set }</b>, made { TIME($at, style: "day") }. Any code of it that is not crossed out will do.
codes-check-lost = I did not save them
codes-check-lost-new = These codes cannot be shown again. <a href="{ $href }">Make new ones</a> instead: they replace these.
codes-check-over = You can check your copy now.
codes-checked = That code is right: your copy of set { $set } can be read. The code is still unused.
codes-gone = The codes of set { $set } are no longer shown. Not saved? <a class="alert-link" href="{ $href }">Make new ones.</a>
codes-used =
    { $left ->
        [0] Code { $position } of set { $set } is spent: cross it out. None is left.
        [one] Code { $position } of set { $set } is spent: cross it out. 1 is left.
       *[other] Code { $position } of set { $set } is spent: cross it out. { $left } are left.
    }

codes-make-title = Make recovery codes
codes-make-new-title = Make new recovery codes
codes-make-none = You have none. If you lose your phone, a recovery code and your password let you in.
codes-make-ends =
    { $left ->
        [0] Set { $set }, made { TIME($at, style: "day") }, has no unused code left. Destroy that copy once you have the new codes.
        [one] Set { $set }, made { TIME($at, style: "day") }, has 1 unused code. It stops working at once: destroy that copy.
       *[other] Set { $set }, made { TIME($at, style: "day") }, has { $left } unused codes. They stop working at once: destroy that copy.
    }
codes-make-none-site = You have none. If you lose your phone, a recovery code lets you in after this site’s own sign-in.
codes-make-next = Next: { $recoveryCodes } codes, shown once. Have a printer, a pen or a password manager ready.

recovery-title = Enter a recovery code
recovery-lead = Each code works once: this one is then spent. Take one of your newest set that is not crossed out.
recovery-hint = 17 letters and digits. Dashes and capital letters don’t matter.
recovery-sign-in = Sign in
recovery-app = <a href="{ $href }">Use your app</a> instead
recovery-next = Next you can set up a new app.
recovery-none = No codes left? Contact { $contact }: they can reset your second step.
recovery-again = Enter a recovery code

## Step-up, password, removing

confirm-title = Confirm that it’s you
confirm-account = This changes who can get in, so enter your password and a code again. Then not again for { DURATION($lasts) }.
confirm-app = The page that you want asks for your password and a code again. Then you go on to it.
confirm-account-code = This changes who can get in, so enter a code again. Then not again for { DURATION($lasts) }.
confirm-app-code = The page that you want asks for a code again. Then you go on to it.
confirm-code-alone = Your password is accepted until { TIME($until, style: "clock") }. Only the code is missing.
confirm-code-wanted = You have just confirmed with a recovery code, and that page asks again: it may want a code from your app. If you have the app, use it before you spend another recovery code. If you lost it, <a href="{ $href }">replace it</a> first.
confirm-password = Password
confirm-code = Code from your app
confirm-recovery = Use a recovery code instead
confirm-recovery-code = Recovery code
confirm-recovery-code-hint = Leave the field above empty. Each code works once; dashes and capital letters do not matter.
confirm-recovery-code-hint-app = Leave the field above empty. Each code works once; dashes and capital letters do not matter. That page may take no recovery code: if you have your app, use it.
confirm-submit = Confirm
confirm-again = Try again
confirm-wrong-password = That is not your password.
confirm-wrong-password-advice = Check capital letters too.
confirm-no-password = Enter your password too.
confirm-no-password-advice = It is accepted for { DURATION($passwordProof) } at a time. Your code was not used.

password-title = Change your password
password-consequence = This signs you out everywhere else, and every browser asks for a code again.
password-current = Current password
password-new = New password
password-new-hint = At least { $minPassword } characters. Let your password manager make one, or use four unrelated words.
password-change = Change password
password-wrong = That is not your current password.
password-wrong-advice = Check capital letters too.
password-too-short = The new password has fewer than { $minPassword } characters.
password-too-long = The new password has more than { $maxPassword } characters.
password-too-long-advice = Choose a shorter one.
password-common = That password is on, or close to, the lists that attackers try first.
password-own-name = Your username, or the name of this site, makes up too much of that password.
password-keyboard = Attackers try rows of neighbouring keys first.
password-repeat = The same thing repeated is quickly guessed.
password-sequence = A sequence such as abcd or 1234 is quickly guessed.
password-date = A date is quickly guessed.
password-better = Let your password manager make one, or use four unrelated words.
password-changed-fair = Your password is changed. It will do; a longer one would be harder to guess. You are signed out everywhere else, and every browser asks for a code again.
password-changed-good = Your password is changed, and it is a good one. You are signed out everywhere else, and every browser asks for a code again.
password-changed-strong = Your password is changed, and it is a strong one. You are signed out everywhere else, and every browser asks for a code again.
password-changed-elsewhere = Your password was changed meanwhile, and not by this form. Use the new one from now on.

remove-title = Remove { $name }
remove-question = Remove { $name }?
remove-consequence = Its codes stop working at once. This signs you out everywhere else, and every browser asks for a code again.
remove-left =
    { $codes ->
        [0] You can still sign in with { OR($apps) }.
        [one] You can still sign in with { OR($apps) }, or with your last recovery code.
       *[other] You can still sign in with { OR($apps) }, or with one of your { $codes } recovery codes.
    }
remove-entry = Afterwards, delete the entry <b>{ $app }: { $label }</b> from the app.
remove-last-title = { $name } cannot be removed
remove-last = It is your only app. Without it nobody could sign in, not even you. You can replace it: it keeps working until the new app has shown a right code.
remove-last-refused = It is your only app: it can be replaced, but not removed.
remove-replace = Replace your app
removed = <b>{ $name }</b> is removed. Codes from <b>{ $app }: { $label }</b> no longer work: delete that entry. You are signed out everywhere else, and every browser asks for a code again.
removed-already = That app was removed already.


## Account

account-title = Your account
account-ways = How you sign in
account-caption-ways = What opens your account
account-with = With
account-last-used = Last used
account-last-used-label = Last used:
account-change = Change
account-add-app = Add an app
account-password = Password
account-since = Account since { TIME($at, style: "day") }
account-password-change = Change<span class="visually-hidden"> your password</span>
account-app = App, { $app }: { $label }
account-app-behind = Its clock is { ABOUT($seconds) } behind.
account-app-ahead = Its clock is { ABOUT($seconds) } ahead.
account-app-replace = Replace<span class="visually-hidden"> { $name }</span>
account-app-rename = Rename<span class="visually-hidden"> { $name }</span>
account-app-remove = Remove<span class="visually-hidden"> { $name }</span>
account-app-new-name = New name for { $name }
account-save = Save<span class="visually-hidden"> the new name</span>
account-codes =
    { $left ->
        [0] No recovery codes
        [one] 1 recovery code
       *[other] { $left } recovery codes
    }
account-codes-set = Set { $set }, made { TIME($at, style: "day") }
account-codes-none = They let you in when your app is lost.
account-codes-checked = Checked { TIME($at, style: "day") }
account-codes-not-checked = Not checked yet
account-codes-check = Check<span class="visually-hidden"> your copy of the codes</span>
account-codes-make = Make<span class="visually-hidden"> recovery codes</span>
account-codes-make-new = Make new ones<span class="visually-hidden">, recovery codes</span>
account-check-label = Any unused code of set { $set }
account-check-hint = From your paper or file, so that you know it can be read. It stays unused.
account-check-submit = Check the code
account-sessions = Where you are signed in
account-caption-sessions = The browsers that are signed in
account-browser = Browser
account-last-seen = Last seen
account-last-seen-label = Last seen:
account-sign-out = Sign out
account-session-others = Sign out everywhere else
account-this-browser = This browser
account-session-since = { $address }, since { TIME($at, style: "clock") }
account-now = Now
account-session-end = Sign out<span class="visually-hidden"> browser { $row }, { $device }</span>
account-session-end-this = Sign out<span class="visually-hidden"> this browser, { $device }</span>
account-trusted = Trusted browsers
account-caption-trusted-site = They sign in by this site’s own sign-in alone; no code is asked.
account-caption-trusted = They sign in with your password alone; no code is asked.
account-trusted-how-long = Trusted
account-trusted-end = Stop trusting
account-trusted-used = { $address }, used { TIME($at, style: "day") }
account-trusted-until = Until { TIME($at, style: "day") }
account-trusted-stop = Stop trusting<span class="visually-hidden"> browser { $row }, { $device }</span>
account-trusted-none = No browser skips the code. You can tick <b>Skip the code</b> when you sign in.
account-trusted-off = No browser is trusted here: each sign-in asks for a code.
account-history = What happened lately
account-history-all = See all { DURATION($history) }
account-what = What
account-when = When
account-renamed = The app is called { $name } now.
account-app-gone = That app was removed already.
account-signed-out-browser = That browser is signed out.
account-browser-gone = That browser is signed out already.
account-signed-out-others = You are signed out everywhere else.
account-not-trusted = That browser is no longer trusted: next time it asks for a code.
account-not-trusted-already = That browser was already not trusted any more.
signed-in = You are signed in.
signed-in-again = You are signed in. Last sign-in: { TIME($at, style: "short") }. No failed attempts since then.
signed-in-failed =
    { $count ->
        [one] You are signed in. Last sign-in: { TIME($at, style: "short") }. 1 failed attempt since then. <a href="{ $href }">Was it you? See the history.</a>
       *[other] You are signed in. Last sign-in: { TIME($at, style: "short") }. { $count } failed attempts since then. <a href="{ $href }">Was it you? See the history.</a>
    }
signed-in-first-failed =
    { $count ->
        [one] You are signed in. 1 attempt failed before. <a href="{ $href }">Was it you? See the history.</a>
       *[other] You are signed in. { $count } attempts failed before. <a href="{ $href }">Was it you? See the history.</a>
    }
password-known =
    { $count ->
        [one] Your password was typed once on a new browser, without the second step. Was it not you? <a href="{ $href }">Change your password.</a>
       *[other] Your password was typed { $count } times on new browsers, without the second step. Was it not you? <a href="{ $href }">Change your password.</a>
    }
password-known-elsewhere =
    { $count ->
        [one] Your password was typed once on a new browser, without the second step. Was it not you? Then change it.
       *[other] Your password was typed { $count } times on new browsers, without the second step. Was it not you? Then change it.
    }
site-sign-in-known =
    { $count ->
        [one] Somebody passed this site’s own sign-in as you once on a new browser, without the second step. Was it not you? Then change how you sign in there.
       *[other] Somebody passed this site’s own sign-in as you { $count } times on new browsers, without the second step. Was it not you? Then change how you sign in there.
    }
few-codes-left =
    { $left ->
        [0] You have no recovery codes left. <a href="{ $href }">Make new ones.</a>
        [one] Only 1 recovery code is left. <a href="{ $href }">Make new ones.</a>
       *[other] Only { $left } recovery codes are left. <a href="{ $href }">Make new ones.</a>
    }
standing-good = Your account is in good order
standing-good-why = You have { $apps } apps and { $codes } recovery codes, and your copy of the codes is checked.
standing-second-app-why = Add a second app, on a computer or an old phone, so that losing one does not cost a recovery code.
standing-second-app-action = Add a second app
standing-replace-app = One thing to do: replace your app
standing-replace-app-why = You came in with a recovery code. If your app is lost, put a new one in its place now.
standing-replace-app-action = Replace your app
standing-replace-lost-app = One thing to do: replace the lost app
standing-replace-lost-app-why = You came in with a recovery code. If one of your apps is lost, put a new one in its place now.
standing-replace-lost-app-action = Choose the lost app
standing-make-codes = One thing to do: make recovery codes
standing-make-codes-why = You have none. Without your app, nothing else lets you in.
standing-make-codes-action = Make recovery codes
standing-make-new-codes = One thing to do: make new recovery codes
standing-make-new-codes-why =
    { $left ->
        [one] Only 1 is left.
       *[other] Only { $left } are left.
    }
standing-make-new-codes-action = Make new codes
standing-check-copy = One thing to do: check your recovery codes
standing-check-copy-why = Nobody has checked yet that your copy of set { $set } can be read.
standing-check-copy-action = Check your copy


## History

history-title = History
history-not-you = Don’t recognise something? <a href="{ $href }">Change your password</a>: this signs you out everywhere else.
history-not-you-elsewhere = Don’t recognise something? <a href="{ $href }">Sign out your other browsers.</a>
history-views = What is shown
history-all = All
history-problems = Problems
history-no-problems = There were no problems in the last { DURATION($history) }.
history-nothing-older = There is nothing older.
history-pages = Pages of the history
history-newer = Newer
history-older = Older
history-between = { TIME($first, style: "clock") }–{ TIME($last, style: "clock") }
event-signed-in = Signed in
event-stepped-up = Confirmed
event-password-accepted = Right password on a new browser, without the second step
event-site-accepted = Past the site’s own sign-in on a new browser, without the second step
event-password-refused =
    { $count ->
        [one] Wrong password
       *[other] { $count } wrong passwords
    }
event-password-delayed = Password not checked: too many tries
event-code-wrong =
    { $count ->
        [one] Wrong code
       *[other] { $count } wrong codes
    }
event-code-used =
    { $count ->
        [one] Code that was used before
       *[other] { $count } codes that were used before
    }
event-code-earlier =
    { $count ->
        [one] Code from a clock { ABOUT($seconds) } behind
       *[other] { $count } codes from a clock { ABOUT($seconds) } behind
    }
event-code-later =
    { $count ->
        [one] Code from a clock { ABOUT($seconds) } ahead
       *[other] { $count } codes from a clock { ABOUT($seconds) } ahead
    }
event-code-algorithm =
    { $count ->
        [one] Wrong kind of code: made with { $algorithm }
       *[other] { $count } codes of the wrong kind: made with { $algorithm }
    }
event-code-digits =
    { $count ->
        [one] Wrong kind of code: { $digits } digits
       *[other] { $count } codes of the wrong kind: { $digits } digits
    }
event-code-period =
    { $count ->
        [one] Wrong kind of code: it changes every { $period } seconds
       *[other] { $count } codes of the wrong kind: they change every { $period } seconds
    }
event-code-counter =
    { $count ->
        [one] Wrong kind of code: counted, not made from the time
       *[other] { $count } codes of the wrong kind: counted, not made from the time
    }
event-code-earlier-qr =
    { $count ->
        [one] Code of an earlier QR code, { $label }
       *[other] { $count } codes of an earlier QR code, { $label }
    }
event-code-other-app =
    { $count ->
        [one] Code of another app, { $name }
       *[other] { $count } codes of another app, { $name }
    }
event-code-set-up-elsewhere =
    { $count ->
        [one] Code for a set-up that another browser had finished
       *[other] { $count } codes for a set-up that another browser had finished
    }
event-code-wrong-pair =
    { $count ->
        [one] Two codes that do not follow each other
       *[other] { $count } pairs of codes that do not follow each other
    }
event-recovery-code-typo =
    { $count ->
        [one] Recovery code with a typing mistake
       *[other] { $count } recovery codes with a typing mistake
    }
event-recovery-code-wrong =
    { $count ->
        [one] Wrong recovery code
       *[other] { $count } wrong recovery codes
    }
event-recovery-code-spent =
    { $count ->
        [one] Recovery code that was used before
       *[other] { $count } recovery codes that were used before
    }
event-recovery-code-replaced =
    { $count ->
        [one] Recovery code of an older set
       *[other] { $count } recovery codes of an older set
    }
event-code-delayed = Code not checked: too many tries
event-account-locked = Account locked: too many wrong codes
event-recovery-code-used = Recovery code used
event-recovery-code-used-of = Recovery code { $position } of set { $set } used
event-recovery-codes-made = Recovery codes made: set { $set }
event-recovery-codes-checked = Recovery codes checked: set { $set }
event-app-added = App added: { $name }
event-app-replaced = App replaced: { $names }
event-app-renamed = App renamed: { $names }
event-app-removed = App removed: { $name }
event-app-resynchronised = Clock of { $name } set right by two codes in a row
event-password-changed = Password changed
event-password-changed-by-link = Password chosen by a link
event-signed-out = Signed out
event-session-ended = A browser signed out from the account page
event-other-sessions-ended = All other browsers signed out
event-browser-trusted = Browser trusted
event-browser-not-trusted = A browser is no longer trusted
event-account-added = Account added
event-account-imported = Account imported
event-account-renamed = Username changed: { $names }
event-account-changed = Account changed: { $fields }
event-field-email = email address
event-field-email-confirmed = confirmation of the email address
event-field-name = name
event-field-groups = groups
event-field-external-id = link to the site’s own user
event-account-signed-out = Signed out everywhere, and no browser is trusted
event-link-made = One-time link made
event-link-made-invitation = Link made for choosing the first password
event-link-made-password = Link made for choosing a new password
event-link-made-reset = Link made for setting up the second step
event-link-used = One-time link used
event-link-used-invitation = Link used for choosing the first password
event-link-used-password = Link used for choosing a new password
event-link-used-reset = Link used for setting up the second step
event-account-disabled = Account disabled
event-account-enabled = Account enabled again
event-account-removed = Account removed
event-account-unlocked = Account unlocked
event-account-unlocked-clock = Account unlocked: the server’s clock had been ahead; new codes work again
event-second-factor-reset = Second step reset
event-unknown = An event that this version of the site does not know
event-how = With { $methods }, { $device }, { $address }
event-where = { $device }, { $address }
event-by-operator = By the operator
event-by-site = By the site
method-password = password
method-site = the site’s own sign-in
method-code = code
method-recovery-code = recovery code
method-trusted-browser = trusted browser
browser = { $browser }
browser-on = { $browser } on { $system }
browser-unknown = Unknown browser
browser-unknown-on = Unknown browser on { $system }


## Home, sign-out, errors, frame

home-title = Two-step sign-in
home-heading = One password. One key that changes every 30 seconds.
home-what = Signing in takes your password and a six-digit code from an app on your phone. A stolen password alone opens nothing.
home-sign-in = Sign in
home-pending-site = The first step is done. The second is still to come.
home-pending = Your password is accepted. The second step is still to come.
home-continue = Continue signing in
home-key = A key whose six cuts are the digits 2, 8, 7, 0, 8 and 2.
home-key-caption = Six digits, six cuts. Your app and this site compute them from a shared secret and the time.
home-password = 1. Your password
home-password-fact = What you know. It can be guessed, reused or stolen.
home-code = 2. A code from your phone
home-code-fact = What you have. It works once, for half a minute, and offline.
home-recovery = 3. Recovery codes
home-recovery-fact = { $recoveryCodes } spare keys on paper, for the day the phone is lost.
home-in-title = Signed in
home-in = Signed in as <b>{ $username }</b>
home-next = <a href="{ $href }">Continue to where you were going</a>: { $href }
home-ways = Ways back in
home-app-used = Last used: { TIME($at, style: "short") }
home-codes =
    { $codes ->
        [0] No recovery codes
        [one] 1 recovery code
       *[other] { $codes } recovery codes
    }
home-codes-set = Set { $set }, made on { TIME($at, style: "day") }
home-account = See your account

logout-title = Sign out
logout-heading = Sign out?
logout-in = You are signed in as <b>{ $username }</b>. This signs you out on this browser.
logout-in-apps = You are signed in as <b>{ $username }</b>. This signs you out on this browser, and of every app behind { $app }. Unsaved work there is lost.
logout-pending = You are signing in as <b>{ $username }</b>, and the second step is still to come. Signing out cancels this sign-in.
logout-button = Sign out
logout-stay = Stay signed in
logout-continue = Continue signing in
logout-nobody-title = You are not signed in
logout-nobody = Nobody is signed in to { $app } on this browser.
logout-next = Continue
logout-sign-in = Sign in
logout-apps = Does an app still show you as signed in? Sign out there too.
logout-apps-button = Sign out of all apps

error-start = Go to the start page
error-try-again = Try again
error-reference = Reference: <code>{ $reference }</code>
error-not-https = This address must be opened over HTTPS
error-not-https-advice = { $app } was asked over plain HTTP, or by a proxy that it was not told to trust. For the operator: end TLS at a proxy that sends X-Forwarded-Proto, and name its address in TRUST_PROXY.
error-400 = That request could not be read
error-400-advice = Something in it was missing, doubled or damaged on the way. Nothing was changed.
error-403 = This request came from another site
error-403-advice = Only forms on this site are accepted. Nothing was changed.
error-404 = This page does not exist
error-404-advice = The address may be mistyped, or the page has moved.
error-405 = That cannot be done here
error-405-advice = This address exists, but does not answer this kind of request. Nothing was changed.
error-413 = That was too large
error-413-advice = It is larger than any form on this site. Nothing was changed.
error-415 = That form was sent in an unknown way
error-415-advice = Only ordinary web forms are accepted here. Nothing was changed.
error-429 = Too many tries
error-429-advice = Wait a while, then try again. Nothing was changed.
error-500 = Something went wrong on our side
error-500-advice = It has been noted. Try again in a moment. If it happens again, contact { $contact }.
error-503 = The service is busy or restarting
error-503-advice = Nothing was changed. Wait a few seconds and try again.
error-503-sign-in = Wait a few seconds and try again.
error-503-sent = Wait a few seconds. Before you send the form again, look whether it was carried out.
error-last-resort = Something went wrong on our side. Try again in a moment. Reference: { $reference }

demo-title = Demo authenticator
demo-what = This page takes the place of the demo account’s phone. It exists in development only, and only on this machine.
demo-removed = There is no demo account here: it was removed, or { $username } is somebody’s own account.
demo-off = There is no demo account here: DEMO is off.
demo-no-code = There is no code yet. <a href="{ $href }" target="_blank">Sign in</a> as <code>{ $username }</code> with the password <code>{ $password }</code>. Then the code for your set-up shows up here.
demo-no-code-off = There is no code, and none to come: DEMO is off, so the demo account cannot sign in.
demo-set-up = Being set up
demo-entry = { $app }: { $label }
demo-next = Next: <code>{ $code }</code>
demo-used = Used already. Take the next: <b><code>{ $code }</code></b>
demo-used-both = Used already, and so is the next. Wait for the one after that.
demo-renewed = New codes in <b>{ DURATION($left) }</b>; this page then shows them by itself. Each code works once.

frame-nav = Your account
frame-account = Account
frame-sign-out = Sign out
frame-start-over = Not { $username }? Start over
frame-signed-in = Signed in as <b>{ $username }</b>. You are signed out at { TIME($at, style: "clock") } if you do nothing.
frame-signed-in-until = Signed in as <b>{ $username }</b> until { TIME($at, style: "clock") }.
session-ends = You are signed out at { TIME($at, style: "clock") }. <a class="alert-link" href="">Stay signed in</a>
session-ends-shown-once = You are signed out at { TIME($at, style: "clock") }. <a class="alert-link" href="{ $href }" target="_blank">Stay signed in (opens a new tab)</a>
session-ends-for-good = You are signed out at { TIME($at, style: "clock") }. After that, sign in again.
session-pending-ends-site = You have until { TIME($at, style: "clock") } to finish. After that, start again.
session-pending-ends = You have until { TIME($at, style: "clock") } to finish. After that, start again with your password.
session-over = You are signed out. <a class="alert-link" href="{ $href }">Sign in again</a>
session-pending-over = The time for this sign-in ran out. <a class="alert-link" href="{ $href }">Sign in again</a>

notice-signed-out = You are signed out.
notice-start-again = Sign-in cancelled. Start again when you are ready.
notice-sign-in = Sign in to see that page.
notice-not-carried-out = What you sent was not carried out. Go on here first, then send it again.
notice-signed-out-here = You are signed out. What you sent was not carried out, or its answer was lost on the way. Sign in and check.
notice-cookies-blocked = Your browser did not send back the cookie that signing in needs. Unless you have just signed out, allow cookies for this site, then sign in again.
notice-expired = The time for this sign-in ran out. Start again with your password.
notice-expired-site = The time for this sign-in ran out. Start again where you began.
notice-set-up-expired = The QR code has expired. If your app has the entry already, delete it there: after your password you get a new one.
already-signed-in = You are signed in as <b>{ $username }</b> already.
finish-first = What you sent was not carried out. Finish signing in, then send it again.
confirm-first = Nothing was changed yet. Confirm that it’s you, then send the form again.
