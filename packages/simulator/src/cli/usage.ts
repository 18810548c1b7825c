// What `byova-sim --help` prints.

/** The help text. */
export const USAGE = `byova-sim: call a voice agent as Webex Contact Center does.

Usage:
  byova-sim call --target <url> --org <id> [options] [steps]

Whom to call:
  --target <url>         http://host:port, or https://host:port for TLS
  --org <id>             customer organization
  --agent <id>           virtual agent; without it, the default agent
  --conversation <id>    conversation id; without it, a random one
  --param <name=value>   parameter of SESSION_START, a string; may be repeated
  --vendor-config <text> the agent's configuration text
  --token <jws>          sent as "authorization: Bearer"; or in BYOVA_SIM_TOKEN
  --ca, --cert, --key <file>  PEM files for TLS
  --partial              allow PARTIAL responses

Steps, done in the order in which they stand:
  --say <file.wav>       speak
  --press <keys>         press keys, for example 1234#
  --wait <ms>            do nothing
  --listen               until the agent has answered and has been heard to the end
  --event <name>         a custom event of the flow
  --expect <what>        transfer, end, prompt or custom_event must come;
                         transfer=billing: and have that name
  --hang-up              hang up
  --reset                break the line without a word
  --script <file.json>   a list of steps, for example [{"press": "1"}, {"expect": "transfer"}]
After the last step the caller hears what the agent still has to say and hangs up.

How:
  --fast                 do not wait in real time for anything but the agent
  --voice <encoding>     the caller's audio: mulaw (default), alaw or linear16
  --rate <hz>            8000 (default) or 16000
  --max-ms <ms>          the longest call (default 300000)
  --record <file.wav>    write both sides: caller left, agent right
  --json                 print the report as JSON, and nothing else
  --help                 print this

Exit status: 0 when the call went as the steps say and the agent kept the contract; 1 when it did not; 2 when the
command line, a script or a file cannot be used.

Examples:
  byova-sim call --target http://127.0.0.1:50051 --org my-org --listen --press 1 --expect transfer
  byova-sim call --target http://127.0.0.1:50051 --org my-org --fast --say hello.wav --listen --record call.wav
`;
