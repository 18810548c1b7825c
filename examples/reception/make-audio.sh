#!/bin/sh
# Makes the prompts, the recognizer's words and the demo caller's speech with espeak-ng and sox: mu-law, 8 kHz, mono. The
# WAVs are committed; this is how they were made.
set -eu
cd "$(dirname "$0")"
scratch="$(mktemp -d)"
trap 'rm -r "$scratch"' EXIT
say() { # file, voice, speed, pitch, words
  espeak-ng -v "$2" -s "$3" -p "$4" -w "$scratch/said.wav" "$5"
  sox "$scratch/said.wav" -r 8000 -c 1 -e mu-law "$1.wav" norm -6 silence 1 0.02 0.5% reverse silence 1 0.02 0.5% reverse
}
prompt() { say "prompts/$1" en-us 155 45 "$2"; }
prompt welcome 'Welcome to the reception.'
prompt menu 'For billing, press one. For support, press two. For our opening hours, press three. Or just say it.'
prompt not-understood 'Sorry, that was not one of the choices.'
prompt hours 'We are open from nine to five, Monday to Friday.'
prompt account 'Please enter your account number, then press pound.'
prompt ends-in 'Your number ends in'
for digit in 0 1 2 3 4 5 6 7 8 9; do prompt "$digit" "$digit"; done
prompt correct 'Press one if that is correct, or two to enter it again.'
prompt concern 'Please say in a sentence what it is about.'
prompt connect 'Thank you. I will connect you now.'
prompt goodbye 'Goodbye.'
# What the recognizer knows, each in six voices. "Opening hours" is another way to say "hours".
known() { # file, words
  say "recognizer/words/$1-1" en-us 150 50 "$2"
  say "recognizer/words/$1-2" en-gb 170 40 "$2"
  say "recognizer/words/$1-3" en-us+f3 150 60 "$2"
  say "recognizer/words/$1-4" en-gb-x-rp+m3 160 30 "$2"
  say "recognizer/words/$1-5" en-gb-scotland+f4 165 55 "$2"
  say "recognizer/words/$1-6" en-us-nyc+m5 145 45 "$2"
}
known billing billing
known support support
known hours hours
known hours-opening 'opening hours'
# Words that are none of them, so that what is like one of these is refused.
for word in yes help flowers account money monday; do say "recognizer/words/other-$word" en-us 150 50 "$word"; done
for word in no hello report agent banana building; do say "recognizer/words/other-$word" en-us+f3 150 60 "$word"; done

# For the tests: voices, speeds and pitches of which the recognizer has no recording, and words of which it has none.
unheard() { # file, words
  say "test/words/$1-7" en-gb-scotland 145 45 "$2"
  say "test/words/$1-8" en-us+f2 165 70 "$2"
  say "test/words/$1-9" en-us+m7 160 35 "$2"
  say "test/words/$1-10" en-029 155 50 "$2"
}
unheard billing billing
unheard support support
unheard hours hours
unheard hours-opening 'opening hours'
for word in invoice refund manager orange; do say "test/words/other-$word" en-gb-scotland 145 45 "$word"; done
for word in elephant delivery computer; do say "test/words/other-$word" en-us+f2 165 70 "$word"; done
for word in yesterday password cancel; do say "test/words/other-$word" en-us+m7 160 35 "$word"; done
for word in washington weather tuesday; do say "test/words/other-$word" en-029 155 50 "$word"; done

# The callers of the demo, in voices of their own.
say caller/hours en-us+m7 150 45 'hours'
say caller/support en-us+f2 155 60 'support'
say caller/invoice en-us+m7 150 45 'My last invoice is wrong, I think it was charged twice.'
