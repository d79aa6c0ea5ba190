"""{{ amount|dollars }}"""

from django import template

from costs.money import dollars

register = template.Library()
register.filter("dollars", dollars)
