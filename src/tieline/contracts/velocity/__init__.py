"""The Velocity subset in which the platform's data actions write requests and answers.

Our own and not a library's: the libraries resolve `$a.b` on Python objects, so a template could
reach anything in the process, and they lack the platform's tools and its null rules.
"""

from tieline.contracts.velocity.cursor import TemplateError as TemplateError
from tieline.contracts.velocity.render import Template as Template
