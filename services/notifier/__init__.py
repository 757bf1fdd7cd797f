"""The last step: the caller hears what became of the case (保障农民工工资支付条例 art 10).

    in    CaseReceived, CaseCorrected, CaseRouted, TaskAccepted, AnswerGiven, OutcomeReported, CaseClosed,
          CaseReopened, CaseErased; CallerInformed from whoever says it
    keeps notifier_case: how to reach the caller, sealed; notifier_callback: calls that people have to make
    out   SendSms to the gateway (YIKOU_SMS_URL), CallWebhook to a subscriber; CallerInformed,
          CallerUnreachable

A mainland mobile gets a text message. Any other number gets a call by a person, who tries three times, two
hours apart. A system without a phone number is told by its webhook. A text message that cannot be sent
becomes a call. Of cases that intake tells itself (举报), or that nobody can be told of, nothing is sent.
"""
