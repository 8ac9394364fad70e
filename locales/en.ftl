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
steps = Steps
step-done = done
step-password = Password
step-code = Code from your app
step-app = Authenticator app
step-recovery-codes = Recovery codes
contact-link = <a href="{ $href }">{ $address }</a>
contact-text = { $address }
contact = { $contact }
contact-unknown = the people who run this site
demo-authenticator = No phone at hand? The <a href="{ $href }" target="_blank">demo authenticator</a> shows this account’s codes, in a new tab.
session-until = You have until { TIME($at, style: "clock") }.

## Sign-in

login-title = Sign in
login-username = Username
login-password = Password
login-continue = Continue
login-demo = Demo account: <code>{ $username }</code>, password <code>{ $password }</code>
login-lost-phone = Lost your phone? Enter your password, then a recovery code.
login-forgotten = Forgotten your password? Contact { $contact }.
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

## Waiting

wait = You can try again in <strong data-remaining>{ DURATION($ms) }</strong>, at { TIME($until, style: "exact") }.
wait-left = <span data-time></span> left
too-many-tries = Too many tries. Wait { DURATION($wait) }, then try again.
too-many-codes = Too many wrong codes.

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
code-other-period = Your app makes a new code every { DURATION($period) }; this site every 30.
code-counter-based = The entry in your app counts its codes instead of following the time.
code-add-again = Delete the entry in your app and scan the QR code again. By hand: time-based, SHA-1, 6 digits, 30 seconds.
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


## Recovery codes


## Step-up, password, removing


## Account

account-title = Your account
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


## Home, sign-out, errors, frame

