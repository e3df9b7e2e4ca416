/** Something that the person who runs the script can do something about: its message is printed without a stack. */
export class ScriptFault extends Error {
  name = 'ScriptFault'
}
