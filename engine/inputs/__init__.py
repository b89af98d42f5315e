"""From paths on this machine to the files and tests of a task, and back to where each file came from.

Nothing is imported here: `engine.inputs.reading.read_inputs` is the door.
"""
