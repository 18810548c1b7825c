#!/bin/sh
# Makes the prompts with espeak-ng and sox: mu-law, 8 kHz, mono. The WAVs are committed; this is how they were made.
set -eu
cd "$(dirname "$0")/prompts"
scratch="$(mktemp -d)"
trap 'rm -r "$scratch"' EXIT
say() { # file, words
  espeak-ng -v en-us -s 155 -w "$scratch/$1.wav" "$2"
  sox "$scratch/$1.wav" -r 8000 -c 1 -e mu-law "$1.wav" norm -6
}
say welcome 'Hello. Say something, and I will say it back. Press any key for a person.'
say still-there 'Are you still there?'
say goodbye 'Goodbye.'
say one-moment 'One moment, please.'
