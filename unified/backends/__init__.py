"""One package per framework, named as the framework is imported; `unified.core.protocol` says what each holds."""
