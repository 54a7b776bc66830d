"""Forms beside the referral's own pages (which are in ``referrals.sections``)."""

from referrals.forms.files import FileForm, RemoveFileForm
from referrals.forms.review import ReviewForm
from referrals.forms.screening import ScreeningForm, WithdrawForm

__all__ = ["FileForm", "RemoveFileForm", "ReviewForm", "ScreeningForm", "WithdrawForm"]
