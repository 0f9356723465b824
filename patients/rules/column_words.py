"""The words other programs use for our columns, languages and sexes: English, German, French, Spanish, Arabic."""

from __future__ import annotations

from enum import StrEnum


class Column(StrEnum):
    """What a column can hold for us."""

    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    BIRTH_DATE = "birth_date"
    EMAIL = "email"
    PHONE = "phone"
    LANGUAGE = "language"
    SEX = "sex"
    ALERT = "alert"


TITLES = {
    Column.FIRST_NAME: "First name",
    Column.LAST_NAME: "Last name",
    Column.BIRTH_DATE: "Birth date",
    Column.EMAIL: "E-mail address",
    Column.PHONE: "Phone",
    Column.LANGUAGE: "Language",
    Column.SEX: "Sex",
    Column.ALERT: "Alert",
}

# Between bars, the most telling first: where a table has a mobile and a telephone, the mobile is meant.
HEADERS = {
    Column.FIRST_NAME: (
        "first name|firstname|given name|forename|first|fname|vorname|rufname|prénom|nombre|nombres|"
        "nombre de pila|الاسم الأول|الاسم"
    ),
    Column.LAST_NAME: (
        "last name|lastname|surname|family name|last|lname|nachname|familienname|zuname|nom de famille|nom|"
        "apellido|apellidos|primer apellido|اسم العائلة|العائلة|اللقب|name"
    ),
    Column.BIRTH_DATE: (
        "birth date|date of birth|dob|birthdate|birthday|born|geburtsdatum|geburtstag|geb datum|geb|"
        "geboren|geboren am|date de naissance|né le|naissance|fecha de nacimiento|nacimiento|f nacimiento|"
        "تاريخ الميلاد|تاريخ الولادة"
    ),
    Column.EMAIL: (
        "email|e mail|email address|e mail address|mail|e mail adresse|mailadresse|courriel|adresse email|"
        "adresse e mail|adresse électronique|correo|correo electrónico|البريد الإلكتروني|البريد|الايميل|"
        "الإيميل"
    ),
    Column.PHONE: (
        "mobile|mobile phone|mobile number|cell|cell phone|handphone|hp|phone|phone number|telephone|"
        "telephone number|tel|telephone no|phone no|handy|handynummer|mobil|mobilnummer|telefon|"
        "telefonnummer|téléphone|portable|téléphone portable|móvil|celular|teléfono|الجوال|رقم الجوال|"
        "الهاتف|رقم الهاتف|هاتف"
    ),
    Column.LANGUAGE: "language|preferred language|lang|locale|sprache|langue|idioma|اللغة",
    Column.SEX: "sex|gender|geschlecht|sexe|sexo|género|genre|الجنس",
    Column.ALERT: (
        "alert|alerts|allergy|allergies|warning|warnings|warnung|hinweis|allergien|allergie|alerte|"
        "alertes|alergias|alerta|تنبيه|حساسية"
    ),
}
# Words that say whose it is: “Patient e-mail” is the e-mail, “Mother's e-mail” is nobody's we register.
FILLERS = frozenset(
    {
        "client",
        "cliente",
        "clients",
        "contact",
        "customer",
        "kunde",
        "paciente",
        "patient",
        "patientin",
        "patients",
        "s",
    }
)

LANGUAGES = {
    "ar": "arabic|arabisch|arabe|árabe|العربية|عربي",
    "de": "german|deutsch|allemand|alemán",
    "en": "english|englisch|anglais|inglés|الإنجليزية",
    "es": "spanish|spanisch|espagnol|español|castellano",
    "fr": "french|französisch|français|francés|الفرنسية",
    "ms": "malay|bahasa melayu",
    "ta": "tamil|தமிழ்",
    "zh": "chinese|mandarin|chinesisch|chinois|chino|中文|华语",
}
SEXES = {
    "female": "f|female|w|weiblich|frau|woman|femme|féminin|femenino|mujer|أنثى",
    "male": "m|male|männlich|mann|herr|man|homme|masculin|masculino|hombre|ذكر",
    "other": "o|x|d|other|divers|diverse|autre|otro",
    "": "u|unknown|not stated|unbekannt|n/a|na",
}
